// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** Finds by id, then by name, then by a prefix of an id that only one has. @throws LadingError `invalid_argument` for a prefix of several */
export function findRecord<T extends { readonly id: string; readonly names: readonly string[] }>(
  records: readonly T[],
  wanted: string,
  what: string,
): T | undefined {
  const exact =
    records.find(({ id }) => id === wanted) ?? records.find(({ names }) => names.includes(wanted));
  if (exact !== undefined || !/^[0-9a-f]+$/.test(wanted)) return exact;
  const [only, ...others] = records.filter(({ id }) => id.startsWith(wanted));
  if (others.length > 0) {
    throw new LadingError(
      Code.InvalidArgument,
      `"${wanted}" is the beginning of ${others.length + 1} ${what} ids; give more of it`,
    );
  }
  return only;
}
