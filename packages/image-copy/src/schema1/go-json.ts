// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

// A config that is made of a schema 1 manifest has the same digest everywhere only when it is written as Go's
// encoding/json writes it: names in order, values kept as they were spelled, and some characters as escapes.

/** Those that Go escapes so that a document can stand in a web page, and two that end a line in JavaScript. */
const escapes = /[<>&\u2028\u2029]/g;

/** A value as Go writes it. Members are in the order that they are given in. */
export function goJson(value: unknown): string {
  return escaped(JSON.stringify(value));
}

/** The members of a JSON object by name, each value as it was spelled but without white space. */
export function rawMembers(text: string): Map<string, string> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LadingError(Code.InvalidArgument, 'a JSON object is wanted');
  }
  const members = new Map<string, string>();
  const parts: string[] = [];
  let name: string | undefined;
  let depth = 0;
  const end = (): void => {
    if (name !== undefined) members.set(name, parts.join(''));
    name = undefined;
    parts.length = 0;
  };
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"[\]{},:]+|[[\]{},:]/g)) {
    if (depth === 1 && token === ':' && name === undefined)
      name = String(JSON.parse(parts.splice(0).join('')));
    else if (depth === 1 && (token === ',' || token === '}')) end();
    else if (depth > 0) parts.push(escaped(token));
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
  }
  return members;
}

/** The object of these members, as Go writes a map. */
export function goObject(members: ReadonlyMap<string, string>): string {
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${goJson(name)}:${value}`).join(',')}}`;
}

/** A time as Go writes it: no zeros at the end of the fraction. Nothing is the year 1. */
export function goTime(text: string | undefined): string {
  if (text === undefined || text === '') return '0001-01-01T00:00:00Z';
  const [, time, fraction = '', zone = ''] = /^(.*T[\d:]+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (time === undefined) throw new LadingError(Code.InvalidArgument, 'a time is not of RFC 3339');
  const kept = fraction.slice(0, 9).replace(/0+$/, '');
  return `${time}${kept === '' ? '' : `.${kept}`}${/^[+-]00:00$/.test(zone) ? 'Z' : zone}`;
}

function escaped(json: string): string {
  return json.replaceAll(escapes, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
