// SPDX-License-Identifier: Apache-2.0
import { quote } from '@lading/go-template';
import type { FlagSpec } from '../spec.ts';
import { suggestFlags } from '../suggest.ts';
import { usageError } from '../usage-error.ts';
import { type FlagValue, parseValue } from './parse-value.ts';

/** Flags and words of one command line. */
export interface ParsedFlags {
  readonly given: ReadonlyMap<string, FlagValue>;
  readonly args: readonly string[];
  /** `--help` or `-h` is there: nothing after it was looked at. */
  readonly help: boolean;
}

/** Flags by the names that a command line may use for them. */
export interface FlagNames {
  readonly long: ReadonlyMap<string, FlagSpec>;
  readonly short: ReadonlyMap<string, FlagSpec>;
}

/** Later specs win over earlier ones of the same name. */
export function flagNames(specs: Iterable<FlagSpec>): FlagNames {
  const long = new Map<string, FlagSpec>();
  const short = new Map<string, FlagSpec>();
  for (const spec of specs) {
    for (const name of [spec.name, ...(spec.aliases ?? [])]) long.set(name, spec);
    if (spec.short !== undefined) short.set(spec.short, spec);
  }
  return { long, short };
}

/** The value of a flag that stands without one, undefined when it must have one. */
export function impliedValue(spec: FlagSpec): string | undefined {
  if (spec.kind === 'boolean') return 'true';
  if (spec.kind === 'count') return '+1';
  return spec.optionalValue;
}

/** Parses by pflag's rules. Errors have pflag's words. */
export function parseFlags(
  names: FlagNames,
  argv: readonly string[],
  { interspersed = true }: { readonly interspersed?: boolean } = {},
): ParsedFlags {
  const given = new Map<string, FlagValue>();
  const args: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') return { given, args: [...args, ...rest], help: false };
    if (word.length < 2 || !word.startsWith('-')) {
      if (!interspersed) return { given, args: [...args, word, ...rest], help: false };
      args.push(word);
    } else {
      const more = word.startsWith('--')
        ? longFlag(names, word, rest, given)
        : shortFlags(names, word, rest, given);
      if (!more) return { given, args, help: true };
    }
  }
  return { given, args, help: false };
}

function longFlag(names: FlagNames, word: string, rest: string[], given: Map<string, FlagValue>): boolean {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${word}`);
  const spec = names.long.get(name);
  if (spec === undefined) {
    if (name === 'help') return false;
    const near = suggestFlags(names.long, name).map((one) => `--${one}`);
    throw usageError(
      `unknown flag: --${name}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`,
    );
  }
  const value = equals === -1 ? (impliedValue(spec) ?? rest.shift()) : word.slice(equals + 1);
  if (value === undefined) throw usageError(`flag needs an argument: ${word}`);
  setFlag(given, spec, value);
  return true;
}

/** `-itd`, `-eFOO=1`, `-e=FOO`, `-e FOO`: only the last letter can have a value, all that follows it. */
function shortFlags(names: FlagNames, word: string, rest: string[], given: Map<string, FlagValue>): boolean {
  let letters = word.slice(1);
  while (letters !== '') {
    const letter = String.fromCodePoint(letters.codePointAt(0) ?? 0);
    const after = letters.slice(letter.length);
    const spec = names.short.get(letter);
    if (spec === undefined) {
      if (letter === 'h') return false;
      throw usageError(`unknown shorthand flag: ${quote(letter, "'")} in -${letters}`);
    }
    const implied = impliedValue(spec);
    if (after.startsWith('=') && after.length > 1) {
      setFlag(given, spec, after.slice(1));
      return true;
    }
    if (implied === undefined) {
      const value = after === '' ? rest.shift() : after;
      if (value === undefined) {
        throw usageError(`flag needs an argument: ${quote(letter, "'")} in -${letters}`);
      }
      setFlag(given, spec, value);
      return true;
    }
    setFlag(given, spec, implied);
    letters = after;
  }
  return true;
}

function setFlag(given: Map<string, FlagValue>, spec: FlagSpec, text: string): void {
  const before = given.get(spec.name);
  if (spec.kind === 'count' && text === '+1') {
    given.set(spec.name, typeof before === 'number' ? before + 1 : 1);
    return;
  }
  const parsed = parseValue(spec.kind, text);
  if ('problem' in parsed) {
    const name = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`;
    throw usageError(`invalid argument ${quote(text)} for ${quote(name)} flag: ${parsed.problem}`);
  }
  const { value } = parsed;
  given.set(spec.name, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value);
}
