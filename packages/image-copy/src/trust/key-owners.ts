// SPDX-License-Identifier: Apache-2.0
import { readOpenPgpKeys } from './open-pgp.ts';

/**
 * Whom public keys of OpenPGP say that they are of: addresses, or names without one. That is what anyone may write into
 * a key of their own.
 *
 * @param files as `gpg --export` writes them
 * @throws InvalidArgument (`KEY_INVALID`) for what is no key
 * @example
 * ```ts
 * import { readKeyOwners } from '@lading/image-copy';
 *
 * console.log(await readKeyOwners([new Uint8Array(9)]).catch(({ reason }) => reason)); // → KEY_INVALID
 * ```
 */
export async function readKeyOwners(files: readonly Uint8Array[]): Promise<readonly string[]> {
  const keys = await readOpenPgpKeys(files);
  return keys.flatMap((key) =>
    key.users.flatMap(({ userID }) => (userID === null ? [] : [userID.email || userID.userID])),
  );
}
