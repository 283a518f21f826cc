// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest } from '@lading/image-spec';
import type { ImageRepository } from '../repository/types.ts';
import type { CallOptions } from '../types.ts';

/** Tags by the digest that they are made of. */
export type DigestTags = ReadonlyMap<Digest, readonly string[]>;

/**
 * Lists the tags that cosign and its like make of the digest of a manifest, to keep beside it what says something about
 * it: `sha256-HEX.sig`, `.att`, `.sbom`.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery
 */
export async function listDigestTags(
  repository: Pick<ImageRepository, 'tags'>,
  options: CallOptions = {},
): Promise<DigestTags> {
  const found = new Map<Digest, string[]>();
  for await (const tag of repository.tags(options)) {
    const [, algorithm, hex] = /^(sha\d+)-([0-9a-f]{64,128})\.[\w.-]+$/.exec(tag) ?? [];
    const digest = `${algorithm}:${hex}`;
    if (!isDigest(digest)) continue;
    const tags = found.get(digest);
    if (tags === undefined) found.set(digest, [tag]);
    else tags.push(tag);
  }
  return found;
}
