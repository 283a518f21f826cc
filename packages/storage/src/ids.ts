// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestHex } from '@lading/image-spec';
import { randomBytes } from '@lading/linux';

const hexId = /^[0-9a-f]{64}$/;

/** 64 hex characters whose first twelve are not all decimal: a host name made of them must not look like a number. */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (!/^\d{12}/.test(id)) return id;
  }
}

/**
 * The id under which every tool looks for a layer: the hex of its diffID, or a hash of the parent's id and that.
 * It is not the chain id of the image specification.
 */
export function layerId(parent: string | undefined, diffId: Digest): string {
  const hex = digestHex(diffId);
  if (parent === undefined || parent === '') return hex;
  return createHash('sha256').update(`${parent}+${hex}`).digest('hex');
}

/** @throws LadingError `invalid_argument` for an id that is not 64 hex characters */
export function checkId(id: string, what: string): string {
  if (hexId.test(id)) return id;
  throw new LadingError(
    Code.InvalidArgument,
    `${JSON.stringify(id.slice(0, 80))} is no id of ${what}: 64 hex digits are`,
  );
}

/** The first twelve characters, as people read ids. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
