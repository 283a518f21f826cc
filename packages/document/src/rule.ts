// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * Checks one JSON value and returns it typed; `at` is its path in the document.
 * A rule returns the value it was given, unless an optional member was `null`, which Go programs write for
 * "absent": then it returns a copy without that member. Members that no rule knows are kept.
 */
export type Rule<T> = (value: unknown, at: string) => T;

/** An InvalidArgument that names the place and shows the value, cut short and without control characters. */
export function invalid(at: string, expected: string, value: unknown): LadingError {
  return new LadingError(Code.InvalidArgument, `${at}: expected ${expected}, got ${describe(value)}`);
}

/** A value as it may stand in an error message: one line of printable ASCII. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint' && String(value).length > 40) return 'a number of more than 40 digits';
  if (typeof value !== 'string') return String(value);
  const text = JSON.stringify(value.length > 128 ? `${value.slice(0, 128)}…` : value);
  return text.replace(/[^\x20-\x7e…]/g, '?');
}

/** Any value at all. */
export const anything: Rule<unknown> = (value) => value;

export const string: Rule<string> = (value, at) => {
  if (typeof value !== 'string') throw invalid(at, 'a string', value);
  return value;
};

export const boolean: Rule<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw invalid(at, 'true or false', value);
  return value;
};

/** A string that passes `test`. */
export function text<T extends string>(expected: string, test: (value: string) => boolean): Rule<T> {
  return (value, at) => {
    if (typeof value !== 'string' || !test(value)) throw invalid(at, expected, value);
    return value as T;
  };
}

/** A string of this form. */
export function pattern(expected: string, form: RegExp): Rule<string> {
  return text(expected, (value) => form.test(value));
}

/** Exactly this value. */
export function constant<const T extends string | number>(expected: T): Rule<T> {
  return (value, at) => {
    if (value !== expected) throw invalid(at, JSON.stringify(expected), value);
    return expected;
  };
}

/** One string of a closed set. */
export function oneOf<const T extends string>(...values: readonly T[]): Rule<T> {
  return (value, at) => {
    const found = values.find((known) => known === value);
    if (found === undefined) throw invalid(at, `one of ${values.join(', ')}`, value);
    return found;
  };
}

export function list<T>(rule: Rule<T>, minimum = 0): Rule<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length < minimum) {
      throw invalid(at, minimum === 0 ? 'a list' : `a list of at least ${minimum}`, value);
    }
    const items: readonly unknown[] = value;
    // Array.from, since map would pass over the holes of a list that comes from a program.
    const checked = Array.from(items, (item, i) => rule(item, `${at}[${i}]`));
    return checked.every((item, i) => item === items[i]) ? (items as readonly T[]) : checked;
  };
}

export const strings: Rule<readonly string[]> = list(string);

/** An object with free keys, every value by one rule. */
export function map<T>(rule: Rule<T>): Rule<Readonly<Record<string, T>>> {
  return (value, at) => {
    const members = Object.entries(record(value, at));
    const checked = members.map(([key, item]): [string, T] => [key, rule(item, `${at}[${describe(key)}]`)]);
    const same = members.every(([, item], i) => item === checked[i]?.[1]);
    return same ? (value as Readonly<Record<string, T>>) : Object.fromEntries(checked);
  };
}

/** The value of a set that Go writes as a map: an object, mostly empty. */
export const emptyObject: Rule<object> = (value, at) => record(value, at);

/** One rule a member of `T`, so that the compiler finds a member that has none. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule<Exclude<T[K], undefined>> };

/** An object with the members of `T`; members not named in `required` may be absent or null. */
export function object<T extends object>(
  rules: Rules<T>,
  required: readonly (keyof T & string)[] = [],
): Rule<T> {
  const names = Object.keys(rules) as (keyof T & string)[];
  // As in a program: config.rootfs, but platform["os.version"].
  const steps = new Map(names.map((name) => [name, /^\w+$/.test(name) ? `.${name}` : `[${describe(name)}]`]));
  return (value, at) => {
    const given = record(value, at);
    const changed: Record<string, unknown> = {};
    const dropped = new Set<string>();
    for (const name of names) {
      const member = Object.hasOwn(given, name) ? given[name] : undefined;
      if (!required.includes(name) && (member === undefined || member === null)) {
        if (member === null) dropped.add(name);
        continue;
      }
      const checked: unknown = rules[name](member, at + steps.get(name));
      if (checked !== member) changed[name] = checked;
    }
    if (dropped.size === 0 && Object.keys(changed).length === 0) return given as T;
    const kept = Object.entries(given).filter(([name]) => !dropped.has(name));
    return { ...Object.fromEntries(kept), ...changed } as T;
  };
}

/** An object with any members. @throws LadingError `invalid_argument` for anything else */
export function record(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(at, 'an object', value);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** True when `value` satisfies the rule as it stands. */
export function satisfies<T>(rule: Rule<T>, value: unknown): value is T {
  try {
    return rule(value, 'value') === value;
  } catch (error) {
    if (error instanceof LadingError) return false;
    throw error;
  }
}
