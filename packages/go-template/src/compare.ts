// SPDX-License-Identifier: Apache-2.0
import { typeName, valueError } from './value.ts';

/** `eq A B C`: A equals any of the others. */
export function equalsAny(first: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw valueError('error calling eq: missing argument for comparison');
  return others.some((other) => equals(first, other));
}

function equals(a: unknown, b: unknown): boolean {
  const nil = (value: unknown): boolean => value === null || value === undefined;
  if (nil(a) || nil(b)) return nil(a) && nil(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (!isBasic(a) || !isBasic(b)) throw valueError('error calling eq: non-comparable type');
  if (isNumeric(a) && isNumeric(b)) return comparable(a) === comparable(b);
  if (typeof a !== typeof b) throw valueError('error calling eq: incompatible types for comparison');
  return a === b;
}

/** -1, 0 or 1 for numbers and strings. */
export function order(name: string, a: unknown, b: unknown): number {
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
