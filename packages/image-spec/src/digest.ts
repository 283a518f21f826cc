// SPDX-License-Identifier: Apache-2.0

import { describe, type Rule, text } from '@lading/document';
import { Code, LadingError } from '@lading/errors';

declare const digestBrand: unique symbol;

/**
 * A content digest, `algorithm:encoded`, that has passed {@link parseDigest}.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export type Digest = `${string}:${string}` & { readonly [digestBrand]: true };

/** The algorithms that Lading can compute. Others can be carried in documents, but not verified. */
export type DigestAlgorithm = 'sha256' | 'sha512';

const maxLength = 256;
const grammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;
/** Registered algorithms: their encoded part is lower-case hex of exactly this length. */
const hexLength: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
  ['blake3', 64],
]);

/** True for a well-formed digest; that of a registered algorithm must have its exact length in lower-case hex. */
export function isDigest(value: unknown): value is Digest {
  if (typeof value !== 'string' || value.length > maxLength || !grammar.test(value)) return false;
  const colon = value.indexOf(':');
  const length = hexLength.get(value.slice(0, colon));
  const encoded = value.slice(colon + 1);
  return length === undefined || (encoded.length === length && /^[0-9a-f]+$/.test(encoded));
}

/**
 * @throws LadingError `invalid_argument` for anything but a well-formed digest
 */
export function parseDigest(value: string): Digest {
  if (isDigest(value)) return value;
  throw new LadingError(
    Code.InvalidArgument,
    `${describe(value)} is not a digest: write sha256: and 64 lower-case hex digits`,
    { reason: 'DIGEST_INVALID' },
  );
}

export const digest: Rule<Digest> = text('a digest (sha256:…)', isDigest);

/** The part before the colon. */
export function digestAlgorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** The part after the colon; hex for every registered algorithm. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** An algorithm that Lading can compute. @throws LadingError `unimplemented` for any other */
export function computable(algorithm: string): DigestAlgorithm {
  if (algorithm === 'sha256' || algorithm === 'sha512') return algorithm;
  throw new LadingError(
    Code.Unimplemented,
    `cannot compute ${describe(algorithm)}: only sha256 and sha512 are supported`,
    { reason: 'UNSUPPORTED' },
  );
}
