// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatFloat } from './format-float.ts';
import { NamedValue, plain } from './named-value.ts';
import { isNear } from './near.ts';
import { GoTime, timeMethod, timeOfDate } from './time.ts';

/** How deep a value may be that is printed as a whole. */
const maxDepth = 100;

/** A problem with a value, without the place in the template: the caller adds it. */
export function valueError(problem: string): LadingError {
  return new LadingError(Code.InvalidArgument, problem, { reason: 'TEMPLATE_VALUE' });
}

/** True for what stands for a Go struct: an object literal. */
export function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The field of a value. Only own properties of plain objects and keys of Maps are fields: a template from
 * elsewhere must not reach a prototype, a constructor or a method of a built-in class.
 */
export function fieldOf(receiver: unknown, name: string): unknown {
  if (receiver instanceof Map) return receiver.get(name);
  if (receiver === null || receiver === undefined) {
    throw valueError(`nil pointer evaluating interface {}.${name}`);
  }
  if (receiver instanceof Date) return fieldOf(timeOfDate(receiver), name);
  if (receiver instanceof GoTime) return timeMethod(receiver, name) ?? noField(receiver, name);
  const known = receiver instanceof NamedValue ? receiver.methods : receiver;
  if (!isStruct(known) || !Object.hasOwn(known, name)) return noField(receiver, name);
  return known[name];
}

/** Go's sentence, and what the reader may have meant. */
function noField(receiver: unknown, name: string): never {
  const problem = `can't evaluate field ${name} in type ${typeName(receiver)}`;
  const known = receiver instanceof NamedValue ? receiver.methods : receiver;
  const names = isStruct(known) ? Object.keys(known) : [];
  if (names.length === 0) throw valueError(problem);
  const near = names.find((other) => other.length > 2 && isNear(other.toLowerCase(), name.toLowerCase()));
  const meant = near === undefined ? '' : `did you mean ${near}? `;
  throw valueError(`${problem}: ${meant}there are ${names.slice(0, 60).join(', ')}`);
}

/** Go's rule: false, 0, nil and what is empty are not true. */
export function isTrue(given: unknown): boolean {
  const value = plain(given);
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** A Go name for the type, for messages. */
export function typeName(given: unknown): string {
  const value = plain(given);
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (value instanceof Map) return 'map[string]interface {}';
  if (value instanceof Date || value instanceof GoTime) return 'time.Time';
  if (typeof value === 'number') return isInt(value) ? 'int' : 'float64';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'struct';
}

/** JavaScript has one kind of number: a whole one that fits is an int of Go's, others are floats. */
export function isInt(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

/** Keys of a Map in Go's order: sorted. */
export function sortedKeys(map: ReadonlyMap<unknown, unknown>): unknown[] {
  return [...map.keys()].toSorted((a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a) < String(b) ? -1 : 1;
  });
}

/** The text of Go's %v; `named` is %+v, which prints the names of fields. */
export function printValue(given: unknown, named = false, depth = 0): string {
  const value = plain(given);
  if (depth > maxDepth) throw valueError('value is nested too deeply');
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return isInt(value) ? value.toFixed(0) : formatFloat(value, 'g', undefined);
  if (value instanceof Date) return timeOfDate(value).toString();
  if (value instanceof GoTime) return value.toString();
  const inner = (item: unknown): string => printValue(item, named, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
  if (value instanceof Map) {
    return `map[${sortedKeys(value)
      .map((key) => `${inner(key)}:${inner(value.get(key))}`)
      .join(' ')}]`;
  }
  if (isStruct(value)) {
    const fields = Object.entries(value).filter(([, item]) => typeof item !== 'function');
    return `{${fields.map(([name, item]) => (named ? `${name}:` : '') + inner(item)).join(' ')}}`;
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw valueError(`can't print ${typeName(value)}`);
}

/** JSON with Maps as objects, keys of Maps sorted as Go sorts them. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item === 'bigint') return Number(item);
      if (!(item instanceof Map)) return item;
      const entries = sortedKeys(item).map((key) => [String(key), item.get(key) as unknown] as const);
      return Object.fromEntries(entries);
    },
    indent,
  );
}
