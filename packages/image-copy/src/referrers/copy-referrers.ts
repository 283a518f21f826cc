// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { copyContent } from '../repository/copy-content.ts';
import type { ImageRepository } from '../repository/types.ts';
import type { CallOptions } from '../types.ts';
import { type ReferrerNode, readReferrers } from './referrer-tree.ts';

/** Options of {@link copyReferrers}. */
export interface CopyReferrersOptions extends CallOptions {
  /** 1 copies what refers to the manifest itself, 2 also what refers to those. Default: all. */
  readonly depth?: number | undefined;
  /** Told of each that the destination has now. */
  readonly onCopied?: ((referrer: ReferrerNode, state: 'stored' | 'exists') => void) | undefined;
}

/**
 * Copies what says something about a manifest: its referrers, those of its referrers, and the tags that cosign makes
 * of digests. What is there already is not copied again. The manifest itself should be there first.
 *
 * @throws DataLoss (`REFERRER_INVALID`) for a referrer that does not name the manifest it is listed for
 */
export async function copyReferrers(
  source: ImageRepository,
  destination: ImageRepository,
  digest: Digest,
  { depth, signal, onCopied }: CopyReferrersOptions = {},
): Promise<void> {
  const { referrerOf } = await import('@lading/registry-client'); // which copies of one image do without
  const copied = new Set<string>();

  async function copyAll(subject: Digest, nodes: readonly ReferrerNode[]): Promise<void> {
    for (const node of nodes) {
      const { descriptor, tag, referrers } = node;
      const key = tag ?? descriptor.digest;
      if (copied.has(key)) continue;
      copied.add(key);
      const stored = await source.manifest(descriptor.digest, { signal });
      // A list comes from the registry, the subject from whoever made the referrer.
      if (tag === undefined && referrerOf(stored.descriptor, stored.bytes)?.subject !== subject)
        throw notOf(subject, descriptor.digest);
      const isThere = await names(destination, tag ?? descriptor.digest, descriptor.digest, signal);
      if (!isThere) {
        const tags = tag === undefined ? [] : [tag];
        await copyContent(source, destination, stored, { tags, signal });
      }
      onCopied?.(node, isThere ? 'exists' : 'stored');
      await copyAll(descriptor.digest, referrers);
    }
  }

  await copyAll(digest, await readReferrers(source, digest, { depth, digestTags: true, signal }));
}

async function names(
  repository: ImageRepository,
  tagOrDigest: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return (await repository.resolve(tagOrDigest, { signal })).digest === digest;
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return false;
    throw error;
  }
}

function notOf(subject: Digest, digest: Digest): LadingError {
  return new LadingError(
    Code.DataLoss,
    `${digest} is listed as a referrer of ${subject}, but does not name it as its subject`,
    { reason: 'REFERRER_INVALID', details: { side: 'source' } },
  );
}
