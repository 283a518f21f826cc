// SPDX-License-Identifier: Apache-2.0
import { quote } from './quote.ts';
import { printValue, typeName, valueError } from './value.ts';

/** Go refuses larger widths too; a template must not fill the memory. */
const maxWidth = 10_000;

/** Go's Sprintf for the verbs v, s, q, d, x, X, o, b, c, e, f, g, t, T and %. */
export function printf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(
    /%([+\-# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(.|$)/gsu,
    (all: string, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '') return '%!(NOVERB)';
      if (verb === '%') return '%';
      const size = (word: string | undefined): number | undefined => {
        const value = word === '*' ? args[next++] : word;
        if (value === undefined) return undefined;
        const parsed = Number(value);
        if (!(Math.abs(parsed) <= maxWidth))
          throw valueError('error calling printf: width or precision is too large');
        return parsed;
      };
      const wide = size(width);
      const precise = all.includes('.') ? (size(precision) ?? 0) : undefined;
      if (next >= args.length) return `%!${verb}(MISSING)`;
      return pad(formatOne(verb, flags, precise, args[next++]), flags, wide, verb);
    },
  );
  if (next >= args.length) return text;
  const extra = args.slice(next).map((arg) => `${typeName(arg)}=${printValue(arg)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatOne(verb: string, flags: string, precision: number | undefined, value: unknown): string {
  if (Array.isArray(value) && 'sqdxX'.includes(verb)) {
    return `[${value.map((item) => formatOne(verb, flags, precision, item)).join(' ')}]`;
  }
  const number = typeof value === 'number' || typeof value === 'bigint';
  const bad = (): string => `%!${verb}(${typeName(value)}=${printValue(value)})`;
  const sign = (text: string): string => (flags.includes('+') && !text.startsWith('-') ? `+${text}` : text);
  switch (verb) {
    case 'v':
      return number ? sign(printValue(value)) : printValue(value, flags.includes('+'));
    case 's':
      if (number || typeof value === 'boolean') return bad();
      return precision === undefined
        ? printValue(value)
        : [...printValue(value)].slice(0, precision).join('');
    case 'q':
      if (typeof value === 'string') return quote(value);
      return typeof value === 'number' ? quote(String.fromCodePoint(Math.max(0, value)), "'") : bad();
    case 'd':
      return number && isWhole(value) ? sign(printValue(value)) : bad();
    case 'x':
    case 'X':
    case 'o':
    case 'b':
      return inBase(verb, value) ?? bad();
    case 'c':
      return typeof value === 'number' && value >= 0 && value <= 0x10_ffff
        ? String.fromCodePoint(value)
        : bad();
    case 'f':
      return number ? sign(Number(value).toFixed(Math.min(precision ?? 6, 100))) : bad();
    case 'e':
      return number
        ? sign(Number(value).toExponential(Math.min(precision ?? 6, 100))).replace(/e([+-])(\d)$/, 'e$10$2')
        : bad();
    case 'g':
      return number
        ? sign(
            precision === undefined
              ? printValue(value)
              : String(Number(Number(value).toPrecision(Math.max(1, Math.min(precision, 100))))),
          )
        : bad();
    case 't':
      return typeof value === 'boolean' ? String(value) : bad();
    case 'T':
      return typeName(value);
    default:
      return bad();
  }
}

function isWhole(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

const bases: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

function inBase(verb: string, value: unknown): string | undefined {
  let text: string;
  if (typeof value === 'string' && (verb === 'x' || verb === 'X')) {
    text = [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  } else if ((typeof value === 'number' || typeof value === 'bigint') && isWhole(value)) {
    text = value.toString(bases[verb] ?? 10);
  } else return undefined;
  return verb === 'X' ? text.toUpperCase() : text;
}

function pad(text: string, flags: string, width: number | undefined, verb: string): string {
  const missing = Math.abs(width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-') || (width ?? 0) < 0) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !/[dxXobfeg]/.test(verb)) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
