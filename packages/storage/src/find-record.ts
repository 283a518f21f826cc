// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Records } from './ledger.ts';

/**
 * The record of a full id, a name, or a unique start of an id, in this order.
 *
 * @param what for the message: `image`
 * @throws LadingError `invalid_argument` when several ids begin so
 */
export function findRecord<R extends { readonly id: string }>(
  records: Records<R>,
  ref: string,
  what: string,
): R | undefined {
  const exact = records.get(ref) ?? records.named(ref);
  if (exact !== undefined || !/^[0-9a-f]{1,63}$/.test(ref)) return exact;
  const matches = records.all.filter(({ id }) => id.startsWith(ref));
  if (matches.length > 1) {
    throw new LadingError(
      Code.InvalidArgument,
      `"${ref}" is the start of ${matches.length} ${what} ids; give more of it`,
      { reason: 'AMBIGUOUS_ID' },
    );
  }
  return matches[0];
}

/** @throws LadingError `not_found`, in the words that tools look for */
export function known<R>(record: R | undefined, ref: string, what: 'image' | 'container' | 'layer'): R {
  if (record !== undefined) return record;
  throw new LadingError(Code.NotFound, `${ref.slice(0, 300)}: ${what} not known`, {
    reason: `${what.toUpperCase()}_UNKNOWN`,
  });
}
