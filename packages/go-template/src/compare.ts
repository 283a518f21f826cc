// SPDX-License-Identifier: Apache-2.0
import { plain } from './named-value.ts';
import { GoTime, timeOfDate } from './time.ts';
import { isStruct, printValue, typeName, valueError } from './value.ts';

/** `eq A B C`: A equals any of the others. */
export function equalsAny(first: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw valueError('error calling eq: missing argument for comparison');
  return others.some((other) => equals(first, other));
}

function equals(first: unknown, second: unknown): boolean {
  const a = plain(first);
  const b = plain(second);
  const nil = (value: unknown): boolean => value === null || value === undefined;
  if (nil(a) || nil(b)) return nil(a) && nil(b);
  if (isTime(a) && isTime(b)) return sameTime(a, b);
  if (isStruct(a) && isStruct(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => equals(a[name], b[name]));
  }
  for (const value of [a, b]) {
    if (!isBasic(value))
      throw valueError(`error calling eq: non-comparable type ${printValue(value)}: ${typeName(value)}`);
  }
  if (isNumeric(a) && isNumeric(b)) return comparable(a) === comparable(b);
  if (typeof a !== typeof b) throw valueError('error calling eq: incompatible types for comparison');
  return a === b;
}

function isTime(value: unknown): value is Date | GoTime {
  return value instanceof Date || value instanceof GoTime;
}

function sameTime(a: Date | GoTime, b: Date | GoTime): boolean {
  const [one, other] = [a, b].map((time) => (time instanceof Date ? timeOfDate(time) : time));
  return one?.epochMs === other?.epochMs && one?.nanoseconds === other?.nanoseconds;
}

/** -1, 0 or 1 for numbers and strings. */
export function order(name: string, first: unknown, second: unknown): number {
  const a = plain(first);
  const b = plain(second);
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : Number(a > b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  const known = isBasic(a) && isBasic(b) && typeName(a) !== typeName(b);
  throw valueError(`error calling ${name}: ${known ? 'incompatible types' : 'invalid type'} for comparison`);
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isBasic(value: unknown): value is string | number | bigint | boolean {
  return isNumeric(value) || typeof value === 'string' || typeof value === 'boolean';
}

function comparable(value: number | bigint): number | bigint {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}
