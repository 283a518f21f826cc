// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Digest, isDigest } from '@lading/image-spec';
import type { IdMapping } from './records.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The members of one record of a JSON file. Absent, `null` and empty are one thing, as they are for Go.
 * A member of a wrong type is an error: tools that took it for empty have destroyed the records beside it.
 */
export interface JsonFields {
  /** A string that can be the name of a file; must be there. */
  id(name: string): string;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  integer(name: string): number | undefined;
  integers(name: string): readonly number[];
  flag(name: string): boolean | undefined;
  digest(name: string): Digest | undefined;
  /** RFC 3339 with a zone, as it was written. */
  time(name: string): string;
  object(name: string): JsonObject;
  /** An object whose members are all whole numbers. */
  sizes(name: string): Readonly<Record<string, number>>;
  /** An object whose members are all digests. */
  digests(name: string): Readonly<Record<string, Digest>>;
  mappings(name: string): readonly IdMapping[];
  /** Members that were not asked for. */
  rest(): JsonObject;
}

const fileName = /^[0-9A-Za-z][0-9A-Za-z_.-]{0,254}$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const zeroTime = '0001-01-01T00:00:00Z';

/** @param where the file and the place in it, for messages */
export function openFields(value: unknown, where: string): JsonFields {
  if (!isObject(value)) throw damaged(where, 'an object', value);
  const known = new Set<string>();
  const get = (name: string): unknown => {
    known.add(name);
    return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
  };
  const path = (name: string): string => `${where}.${name}`;
  function list<T>(name: string, expected: string, is: (item: unknown) => item is T): readonly T[] {
    const items = get(name) ?? [];
    if (!Array.isArray(items) || !items.every(is)) throw damaged(path(name), expected, items);
    return items;
  }
  function map<T>(name: string, expected: string, is: (item: unknown) => item is T): Record<string, T> {
    const found = fields.object(name);
    const result: Record<string, T> = {};
    for (const [key, item] of Object.entries(found)) {
      if (!is(item)) throw damaged(`${path(name)}[${JSON.stringify(key)}]`, expected, item);
      Object.defineProperty(result, key, {
        value: item,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return result;
  }
  function optional<T>(name: string, expected: string, is: (item: unknown) => item is T): T | undefined {
    const item = get(name);
    if (item === undefined || item === '') return undefined;
    if (!is(item)) throw damaged(path(name), expected, item);
    return item;
  }
  const fields: JsonFields = {
    id(name) {
      const id = get(name);
      if (!isText(id) || !fileName.test(id)) throw damaged(path(name), 'an id', id);
      return id;
    },
    text: (name) => optional(name, 'a string', isText),
    texts: (name) => list(name, 'a list of strings', isText),
    integer: (name) => optional(name, 'a whole number', isInteger),
    integers: (name) => list(name, 'a list of whole numbers', isInteger),
    flag: (name) => optional(name, 'true or false', (item): item is boolean => typeof item === 'boolean'),
    digest: (name) => optional(name, 'a digest', isDigestText),
    time(name) {
      const time = get(name) ?? zeroTime;
      if (!isText(time) || !rfc3339.test(time)) throw damaged(path(name), 'a time with a zone', time);
      return time;
    },
    object(name) {
      const found = get(name) ?? {};
      if (!isObject(found)) throw damaged(path(name), 'an object', found);
      return found;
    },
    sizes: (name) => map(name, 'a whole number', isInteger),
    digests: (name) => map(name, 'a digest', isDigestText),
    mappings: (name) =>
      list(name, 'a list of id mappings', isObject).map((item, index) => {
        const mapping = openFields(item, `${path(name)}[${index}]`);
        return {
          containerId: mapping.integer('container_id') ?? 0,
          hostId: mapping.integer('host_id') ?? 0,
          size: mapping.integer('size') ?? 0,
        };
      }),
    rest: () => Object.fromEntries(Object.entries(value).filter(([name]) => !known.has(name))),
  };
  return fields;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isDigestText(value: unknown): value is Digest {
  return isText(value) && isDigest(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error for a file of the store that is not what the format says. */
export function damaged(where: string, expected: string, found: unknown): LadingError {
  const shown = isObject(found) ? 'an object' : Array.isArray(found) ? 'a list' : JSON.stringify(found);
  return new LadingError(
    Code.DataLoss,
    `${where}: expected ${expected}, found ${shown?.slice(0, 80)}; nothing was changed, check the store and repair it`,
    { reason: 'STORE_DAMAGED' },
  );
}
