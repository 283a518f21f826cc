// SPDX-License-Identifier: Apache-2.0

import { equalsAny, order } from './compare.ts';
import { printf } from './printf.ts';
import { quote } from './quote.ts';
import { isTrue, printValue, toJson, typeName, valueError } from './value.ts';

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
  ['slice', { min: 1, max: 3, call: slice }],
  ['eq', { min: 1, max: many, call: (first, ...others) => equalsAny(first, others) }],
  ['ne', { min: 2, max: 2, call: (a, b) => !equalsAny(a, [b]) }],
  ['lt', { min: 2, max: 2, call: (a, b) => order('lt', a, b) < 0 }],
  ['le', { min: 2, max: 2, call: (a, b) => order('le', a, b) <= 0 }],
  ['gt', { min: 2, max: 2, call: (a, b) => order('gt', a, b) > 0 }],
  ['ge', { min: 2, max: 2, call: (a, b) => order('ge', a, b) >= 0 }],
  ['json', { min: 1, max: 1, call: (value) => toJson(value ?? null) }],
  ['upper', { min: 1, max: 1, call: (value) => text('upper', value).toUpperCase() }],
  ['lower', { min: 1, max: 1, call: (value) => text('lower', value).toLowerCase() }],
  ['title', { min: 1, max: 1, call: (value) => title(text('title', value)) }],
  ['join', { min: 2, max: 2, call: (list, separator) => join(list, text('join', separator)) }],
  ['split', { min: 2, max: 2, call: (value, mark) => text('split', value).split(text('split', mark)) }],
  ['pad', { min: 3, max: 3, call: pad }],
  ['truncate', { min: 2, max: 2, call: truncate }],
]);

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw valueError(`wrong type for value; expected string; got ${typeName(value)} in ${name}`);
}

/** Spaces stand between values when neither is a string. */
function printAll(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const space = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
      return (space ? ' ' : '') + printValue(value);
    })
    .join('');
}

function length(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw valueError(`error calling len: len of type ${typeName(value)}`);
}

function item(container: unknown, key: unknown): unknown {
  if (container instanceof Map) {
    if (container.has(key)) return container.get(key);
    // The zero value of a map of strings is the empty string.
    return [...container.values()].every((value) => typeof value === 'string') ? '' : undefined;
  }
  if (!Array.isArray(container) && typeof container !== 'string') {
    throw valueError(`error calling index: can't index item of type ${typeName(container)}`);
  }
  if (typeof key !== 'number' || !Number.isInteger(key)) {
    throw valueError(`error calling index: cannot index slice/array with type ${typeName(key)}`);
  }
  if (key < 0 || key >= container.length) throw valueError(`error calling index: index out of range: ${key}`);
  return typeof container === 'string' ? container.charCodeAt(key) : (container[key] as unknown);
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  if (!Array.isArray(value) && typeof value !== 'string') {
    throw valueError(`error calling slice: can't slice item of type ${typeName(value)}`);
  }
  const end = to ?? value.length;
  for (const bound of [from, end]) {
    if (typeof bound !== 'number' || !Number.isInteger(bound) || bound < 0 || bound > value.length) {
      throw valueError(`error calling slice: index out of range: ${printValue(bound)}`);
    }
  }
  return value.slice(Number(from), Number(end));
}

function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_, before: string, first: string) => before + first.toUpperCase(),
  );
}

function join(list: unknown, separator: string): string {
  if (!Array.isArray(list)) throw valueError(`error calling join: wrong type ${typeName(list)}`);
  return list.map((value) => printValue(value)).join(separator);
}

function pad(value: unknown, before: unknown, after: unknown): string {
  const inner = text('pad', value);
  const spaces = (count: unknown): string => ' '.repeat(Math.min(10_000, Math.max(0, Number(count) || 0)));
  return inner === '' ? inner : spaces(before) + inner + spaces(after);
}

function truncate(value: unknown, size: unknown): string {
  if (typeof size !== 'number')
    throw valueError(`error calling truncate: ${quote(printValue(size))} is no length`);
  return [...text('truncate', value)].slice(0, Math.max(0, size)).join('');
}
