// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { shown } from './text.ts';

/** A JSON document in which nothing can be read two ways: objects are maps, so no key meets a prototype. */
export type StrictJson =
  | null
  | boolean
  | number
  | string
  | readonly StrictJson[]
  | ReadonlyMap<string, StrictJson>;

/** Deeper than any policy or signature; a stack has room for it. */
const maxDepth = 64;

/**
 * Reads JSON (RFC 8259) for decisions about trust: a key that an object has twice is an error, since two readers
 * may take different ones.
 *
 * @throws InvalidArgument (`JSON_INVALID`) that begins with `what` and names the place
 */
export function parseStrictJson(text: string, what: string): StrictJson {
  const token = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/y;
  const space = /[ \t\n\r]*/y;
  let at = 0;

  function fault(message: string): LadingError {
    return new LadingError(Code.InvalidArgument, `${what}: ${message} at character ${at}`, {
      reason: 'JSON_INVALID',
    });
  }

  function next(): string {
    space.lastIndex = at;
    space.test(text);
    token.lastIndex = space.lastIndex;
    const found = token.exec(text)?.[0];
    if (found === undefined) throw fault(at >= text.length ? 'the JSON ends too early' : 'this is not JSON');
    at = token.lastIndex;
    return found;
  }

  function scalar(found: string): null | boolean | number | string {
    let value: unknown;
    try {
      value = JSON.parse(found);
    } catch {
      throw fault(`${shown(found)} is not JSON`);
    }
    // Half a surrogate pair cannot be written in UTF-8; as U+FFFD two such keys are equal, and noticed.
    if (typeof value === 'string') return value.toWellFormed();
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw fault(`${shown(found)} is out of range`);
  }

  function object(depth: number): ReadonlyMap<string, StrictJson> {
    const members = new Map<string, StrictJson>();
    let found = next();
    if (found === '}') return members;
    for (;;) {
      const key = found.startsWith('"') ? scalar(found) : undefined;
      if (typeof key !== 'string') throw fault('a key is missing');
      if (members.has(key)) throw fault(`the key ${shown(key)} is there twice`);
      if (next() !== ':') throw fault('a colon is missing');
      members.set(key, value(next(), depth));
      const end = next();
      if (end === '}') return members;
      if (end !== ',') throw fault('a comma is missing');
      found = next();
    }
  }

  function list(depth: number): readonly StrictJson[] {
    const items: StrictJson[] = [];
    let found = next();
    if (found === ']') return items;
    for (;;) {
      items.push(value(found, depth));
      const end = next();
      if (end === ']') return items;
      if (end !== ',') throw fault('a comma is missing');
      found = next();
    }
  }

  function value(found: string, depth: number): StrictJson {
    if (depth > maxDepth) throw fault('it is nested too deeply');
    if (found === '{') return object(depth + 1);
    if (found === '[') return list(depth + 1);
    return scalar(found);
  }

  const result = value(next(), 0);
  if (/[^ \t\n\r]/.test(text.slice(at))) throw fault('there is something after the end');
  return result;
}
