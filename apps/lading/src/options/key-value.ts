// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

/** `key=value` at the first `=`; the value is undefined without one. */
export function splitPair(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** Whether it has the pair of `key=value`, or any of the key with `key` alone. */
export function hasPair(record: Readonly<Record<string, string>>, text: string): boolean {
  const [key, value] = splitPair(text);
  return Object.hasOwn(record, key) && (value === undefined || record[key] === value);
}

/** `a=1,b,c=x` as entries. */
export function splitPairs(text: string): (readonly [string, string | undefined])[] {
  return text === '' ? [] : text.split(',').map(splitPair);
}

/** Key-value flags as an object, a later key winning; a key without `=` has the empty value. */
export function pairsToRecord(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => splitPair(text)).map(([key, value]) => [key, value ?? '']));
}

/** `NAME=VALUE` words that must have a value. */
export function requireValue(flag: string, text: string): readonly [string, string] {
  const [key, value] = splitPair(text);
  if (key === '' || value === undefined)
    throw usageError(`--${flag} ${quote(text)} must be formatted as KEY=VALUE`);
  return [key, value];
}
