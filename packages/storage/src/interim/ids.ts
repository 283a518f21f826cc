// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { type Digest, digestHex } from '@lading/image-spec';

/**
 * The id of a layer, by which all tools find it again. It is not the chainID of the OCI: the text that is hashed
 * has a `+` and no algorithm.
 */
export function layerIdFor(parent: string | undefined, diffId: Digest): string {
  if (parent === undefined) return digestHex(diffId);
  return createHash('sha256')
    .update(`${parent}+${digestHex(diffId)}`)
    .digest('hex');
}

/** 64 hex digits, of which the first twelve are never all decimal: they would be taken for a number. */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

const linkAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The short name of a layer in `l/`: 26 characters. */
export function randomLinkName(): string {
  return Array.from(randomBytes(26), (byte) => linkAlphabet[byte & 31]).join('');
}

/** The file name of a piece of big data: the key itself, or `=` and its base64 when it has other characters. */
export function bigDataFileName(key: string): string {
  const isPlain = (text: string): boolean => /^[.0-9a-z]*$/.test(text);
  // The Go code leaves its loop before it has looked at the last character.
  if (isPlain(key.slice(0, -1))) return key;
  return `=${Buffer.from(key).toString('base64')}`;
}
