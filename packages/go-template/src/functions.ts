// SPDX-License-Identifier: Apache-2.0
import { equalsAny, order } from './compare.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { plain } from './named-value.ts';
import { printf } from './printf.ts';
import { quote } from './quote.ts';
import { isInt, isTrue, printValue, toJson, typeName, valueError } from './value.ts';

/** A function that templates can call. What it throws becomes the template's error. */
export type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** How many arguments a function takes; `and` and `or` are the evaluator's, since they stop early. */
interface Declared {
  readonly min: number;
  readonly max: number;
  readonly call: TemplateFunction;
}

const many = Number.POSITIVE_INFINITY;

/** Go's own functions and those that podman and docker add. */
export const builtins: ReadonlyMap<string, Declared> = new Map<string, Declared>([
  ['not', { min: 1, max: 1, call: (value) => !isTrue(value) }],
  ['print', { min: 0, max: many, call: (...values) => printAll(values) }],
  ['println', { min: 0, max: many, call: (...values) => `${values.map((v) => printValue(v)).join(' ')}\n` }],
  ['printf', { min: 1, max: many, call: (format, ...values) => printf(text('printf', format), values) }],
  ['len', { min: 1, max: 1, call: length }],
  ['index', { min: 1, max: many, call: (value, ...keys) => keys.reduce(item, value) }],
  ['slice', { min: 1, max: 4, call: slice }],
  ['eq', { min: 1, max: many, call: (first, ...others) => equalsAny(first, others) }],
  ['ne', { min: 2, max: 2, call: (a, b) => !equalsAny(a, [b]) }],
  ['lt', { min: 2, max: 2, call: (a, b) => order('lt', a, b) < 0 }],
  ['le', { min: 2, max: 2, call: (a, b) => order('le', a, b) <= 0 }],
  ['gt', { min: 2, max: 2, call: (a, b) => order('gt', a, b) > 0 }],
  ['ge', { min: 2, max: 2, call: (a, b) => order('ge', a, b) >= 0 }],
  ['json', { min: 1, max: 1, call: (value) => toJson(value ?? null) }],
  ['upper', { min: 1, max: 1, call: (value) => mapped(text('upper', value), (char) => char.toUpperCase()) }],
  ['lower', { min: 1, max: 1, call: (value) => mapped(text('lower', value), (char) => char.toLowerCase()) }],
  ['title', { min: 1, max: 1, call: (value) => title(text('title', value)) }],
  ['html', { min: 0, max: many, call: (...values) => escapeHtml(printAll(values)) }],
  ['js', { min: 0, max: many, call: (...values) => escapeJs(printAll(values)) }],
  ['urlquery', { min: 0, max: many, call: (...values) => escapeQuery(printAll(values)) }],
  ['join', { min: 2, max: 2, call: (list, separator) => join(list, text('join', separator)) }],
  ['split', { min: 2, max: 2, call: (value, mark) => text('split', value).split(text('split', mark)) }],
  ['pad', { min: 3, max: 3, call: pad }],
  ['truncate', { min: 2, max: 2, call: truncate }],
]);

function text(name: string, given: unknown): string {
  const value = plain(given);
  if (typeof value === 'string') return value;
  throw valueError(`error calling ${name}: expected string; found ${printValue(value)}`);
}

/** Spaces stand between values when neither is a string. */
function printAll(values: readonly unknown[]): string {
  const isText = (value: unknown): boolean => typeof plain(value) === 'string';
  return values
    .map((value, index) => {
      const space = index > 0 && !isText(value) && !isText(values[index - 1]);
      return (space ? ' ' : '') + printValue(value);
    })
    .join('');
}

/** Go counts and cuts strings by their bytes. */
function bytesOf(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function length(given: unknown): number {
  const value = plain(given);
  if (typeof value === 'string') return bytesOf(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw valueError(`error calling len: len of type ${typeName(value)}`);
}

function item(given: unknown, keyGiven: unknown): unknown {
  const container = plain(given);
  const key = plain(keyGiven);
  if (container === undefined || container === null)
    throw valueError('error calling index: index of untyped nil');
  if (container instanceof Map) return entryOf(container, key);
  if (!Array.isArray(container) && typeof container !== 'string') {
    throw valueError(`error calling index: can't index item of type ${typeName(container)}`);
  }
  if (typeof key !== 'number' || !isInt(key)) {
    throw valueError(`error calling index: cannot index slice/array with type ${typeName(key)}`);
  }
  const items = typeof container === 'string' ? bytesOf(container) : container;
  if (key < 0 || key >= items.length) throw valueError(`error calling index: index out of range: ${key}`);
  return items[key] as unknown;
}

/** The value of a key, or the zero value of the values beside it, as far as those tell their type. */
function entryOf(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (map.has(key)) return map.get(key);
  const [sample] = map.keys();
  if (sample !== undefined && typeof sample !== typeof key) {
    throw valueError(`error calling index: value has type ${typeName(key)}; should be ${typeName(sample)}`);
  }
  const values = [...map.values()];
  if (values.length > 0 && values.every((value) => value instanceof Map)) return new Map();
  return values.every((value) => typeof value === 'string') ? '' : undefined;
}

function slice(given: unknown, ...bounds: readonly unknown[]): unknown {
  const value = plain(given);
  if (!Array.isArray(value) && typeof value !== 'string') {
    throw valueError(`error calling slice: can't slice item of type ${typeName(value)}`);
  }
  if (typeof value === 'string' && bounds.length > 2) {
    throw valueError('error calling slice: cannot 3-index slice a string');
  }
  const items = typeof value === 'string' ? bytesOf(value) : value;
  for (const bound of bounds) {
    if (typeof bound !== 'number' || !isInt(bound)) {
      throw valueError(`error calling slice: cannot index slice/array with type ${typeName(bound)}`);
    }
    if (bound < 0 || bound > items.length)
      throw valueError(`error calling slice: index out of range: ${bound}`);
  }
  const [from = 0, to = items.length] = bounds.map(Number);
  if (from > to) throw valueError(`error calling slice: invalid slice index: ${from} > ${to}`);
  return typeof value === 'string'
    ? new TextDecoder().decode(bytesOf(value).subarray(from, to))
    : value.slice(from, to);
}

/** Go changes one character into one, and leaves those of which two would become. */
function mapped(value: string, change: (char: string) => string): string {
  return Array.from(value, (char) => ([...change(char)].length === 1 ? change(char) : char)).join('');
}

/** As strings.Title: the letter after what is neither a letter, a digit nor an underscore. */
function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{N}_])(\p{L})/gu,
    (_, before: string, first: string) => before + first.toUpperCase(),
  );
}

function join(list: unknown, separator: string): string {
  if (!Array.isArray(list))
    throw valueError(`error calling join: expected a list of strings; found ${typeName(list)}`);
  return list.map((value) => printValue(value)).join(separator);
}

function pad(value: unknown, before: unknown, after: unknown): string {
  const inner = text('pad', value);
  const spaces = (count: unknown): string => ' '.repeat(Math.min(10_000, Math.max(0, Number(count) || 0)));
  return inner === '' ? inner : spaces(before) + inner + spaces(after);
}

function truncate(value: unknown, size: unknown): string {
  if (typeof size !== 'number') {
    throw valueError(`error calling truncate: expected integer; found ${quote(printValue(size))}`);
  }
  return [...text('truncate', value)].slice(0, Math.max(0, size)).join('');
}
