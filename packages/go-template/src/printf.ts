// SPDX-License-Identifier: Apache-2.0
import { formatFloat } from './format-float.ts';
import { plain } from './named-value.ts';
import { quote } from './quote.ts';
import { isInt, printValue, typeName, valueError } from './value.ts';

/** Go refuses larger widths too; a template must not fill the memory. */
const maxWidth = 10_000;

interface Spec {
  readonly verb: string;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Go's Sprintf, with flags, widths, precisions and argument indexes, for all verbs but p. */
export function printf(format: string, args: readonly unknown[]): string {
  let next = 0;
  let reordered = false;
  const index = (text: string | undefined): void => {
    if (text === undefined) return;
    reordered = true;
    next = Number(text) - 1;
  };
  const text = format.replace(
    /%([+\-# 0]*)(?:\[(\d+)\])?(\d+|\*)?(?:(\.)(?:\[(\d+)\])?(\d+|\*)?)?(?:\[(\d+)\])?(.|$)/gsu,
    (
      _all: string,
      flags: string,
      first: string | undefined,
      width: string | undefined,
      dot: string | undefined,
      second: string | undefined,
      precision: string | undefined,
      third: string | undefined,
      verb: string,
    ) => {
      const size = (word: string | undefined): number | undefined => {
        const value = word === '*' ? args[next++] : word;
        if (value === undefined) return undefined;
        const parsed = Number(value);
        if (Math.abs(parsed) <= maxWidth) return parsed;
        throw valueError('error calling printf: width or precision is too large');
      };
      index(first);
      const wide = size(width);
      index(second);
      const precise = dot === undefined ? undefined : (size(precision) ?? 0);
      index(third);
      if (verb === '') return '%!(NOVERB)';
      if (verb === '%') return '%';
      if (next < 0 || (reordered && next >= args.length)) return `%!${verb}(BADINDEX)`;
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const spec: Spec = {
        verb,
        flags: flags.includes('-') ? flags.replaceAll('0', '') : flags,
        width: wide,
        precision: precise,
      };
      return formatArgument(spec, plain(args[next++]));
    },
  );
  if (reordered || next >= args.length) return text;
  const extra = args
    .slice(next)
    .map((arg) => (arg === null || arg === undefined ? '<nil>' : `${typeName(arg)}=${printValue(arg)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatArgument(spec: Spec, value: unknown): string {
  const { verb } = spec;
  if (verb === 'T') return pad(typeName(value), spec);
  if (value === null || value === undefined) return verb === 'v' ? pad('<nil>', spec) : `%!${verb}(<nil>)`;
  if (Array.isArray(value)) return `[${value.map((item) => formatArgument(spec, plain(item))).join(' ')}]`;
  if (typeof value === 'boolean') return 'tv'.includes(verb) ? pad(String(value), spec) : wrong(verb, value);
  if (typeof value === 'string') return formatString(spec, value);
  if (typeof value === 'bigint' || (typeof value === 'number' && isInt(value))) {
    return formatInteger(spec, BigInt(value), value) ?? formatNumber(spec, Number(value), value);
  }
  if (typeof value === 'number') return formatNumber(spec, value, value);
  const text = printValue(value, spec.flags.includes('+'));
  if (verb === 'v' || verb === 's') return pad(text, spec);
  return verb === 'q' ? pad(quote(text), spec) : wrong(verb, value);
}

function wrong(verb: string, value: unknown): string {
  return `%!${verb}(${typeName(value)}=${printValue(value)})`;
}

function formatString(spec: Spec, value: string): string {
  const { verb, precision, flags } = spec;
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  switch (verb) {
    case 'v':
      return pad(flags.includes('#') ? quote(cut) : cut, spec);
    case 's':
      return pad(cut, spec);
    case 'q':
      return pad(flags.includes('#') && !/[`\p{Cc}]/u.test(cut) ? `\`${cut}\`` : quote(cut), spec);
    case 'x':
    case 'X': {
      const bytes = [...new TextEncoder().encode(cut)].map((byte) => byte.toString(16).padStart(2, '0'));
      const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : '';
      const text = prefix + bytes.join(flags.includes(' ') ? ' ' : '');
      return pad(verb === 'X' ? text.toUpperCase() : text, spec);
    }
    default:
      return wrong(verb, value);
  }
}

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, x: 16, X: 16, o: 8, O: 8, b: 2 };
const prefixes: Readonly<Record<string, string>> = { x: '0x', X: '0X', o: '0', b: '0b', O: '0o' };

/** Undefined for a verb of floats, which takes a whole number too: JavaScript cannot tell 1 from 1.0. */
function formatInteger(spec: Spec, value: bigint, given: number | bigint): string | undefined {
  const { verb, flags, width, precision } = spec;
  const base = Object.hasOwn(bases, verb) ? bases[verb] : undefined;
  if (base !== undefined) {
    const magnitude = (value < 0n ? -value : value).toString(base);
    let digits = verb === 'X' ? magnitude.toUpperCase() : magnitude;
    if (precision !== undefined) digits = digits.padStart(precision, '0');
    const wantsPrefix = verb === 'O' || (flags.includes('#') && 'xXob'.includes(verb));
    const prefix = wantsPrefix && !(verb === 'o' && digits.startsWith('0')) ? (prefixes[verb] ?? '') : '';
    const sign = signOf(value < 0n, flags);
    const room = Math.abs(width ?? 0) - sign.length - prefix.length;
    if (flags.includes('0') && precision === undefined) digits = digits.padStart(room, '0');
    return pad(sign + prefix + digits, { ...spec, flags: flags.replaceAll('0', '') });
  }
  const isCharacter = value >= 0n && value <= 0x10_ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  const character = isCharacter ? String.fromCodePoint(Number(value)) : '\ufffd';
  if (verb === 'c') return pad(character, spec);
  if (verb === 'q') return pad(quote(character, "'"), spec);
  if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, spec);
  return 'eEfFgG'.includes(verb) ? undefined : wrong(verb, given);
}

function formatNumber(spec: Spec, value: number, given: unknown): string {
  const { verb, flags, precision } = spec;
  const form = verb === 'v' ? 'g' : verb.toLowerCase();
  if (form !== 'e' && form !== 'f' && form !== 'g') return wrong(verb, given);
  const digits = precision ?? (form === 'g' ? undefined : 6);
  const text = formatFloat(Math.abs(value), form, digits);
  const sign = signOf(value < 0, flags);
  return pad(sign + (verb === verb.toUpperCase() ? text.toUpperCase() : text), spec);
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function pad(text: string, { flags, width = 0 }: Spec): string {
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-') || width < 0) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
