// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import type { ImageRepository } from '../repository/types.ts';
import type { CallOptions } from '../types.ts';
import { type DigestTags, listDigestTags } from './digest-tags.ts';

/** What says something about a manifest. */
export interface ReferrerNode {
  readonly descriptor: Descriptor;
  /** The tag that names it, of those that cosign makes of the digest of a manifest. */
  readonly tag: string | undefined;
  readonly referrers: readonly ReferrerNode[];
}

/** Options of {@link readReferrers}. */
export interface ReadReferrersOptions extends CallOptions {
  /** 1 lists what refers to the manifest itself, 2 also what refers to those. Default: all. */
  readonly depth?: number | undefined;
  /** Only referrers of this type, and what is below them. Default: all. */
  readonly artifactType?: string | undefined;
  /** Also `sha256-HEX.sig`, `.att`, `.sbom` and the like. Default: false. */
  readonly digestTags?: boolean | undefined;
}

/** No image has as many; a list that goes on without end comes from someone who wants it to. */
const mostReferrers = 10_000;

/**
 * Reads what refers to a manifest, what refers to that, and so on. A digest cannot be of what refers to itself, so
 * a list that goes in a circle is a lie, and is cut where it begins anew.
 *
 * @throws ResourceExhausted above 10,000 referrers
 */
export async function readReferrers(
  repository: ImageRepository,
  digest: Digest,
  options: ReadReferrersOptions = {},
): Promise<readonly ReferrerNode[]> {
  const { depth = Number.POSITIVE_INFINITY, artifactType, digestTags = false, signal } = options;
  if (!(depth >= 1)) throw new LadingError(Code.InvalidArgument, 'the depth of referrers is at least 1');
  const tags: DigestTags = digestTags ? await listDigestTags(repository, { signal }) : new Map();
  let count = 0;

  async function below(subject: Digest, above: readonly Digest[]): Promise<readonly ReferrerNode[]> {
    if (above.length >= depth) return [];
    const path = [...above, subject];
    const found: Descriptor[] = [];
    for await (const descriptor of repository.referrers(subject, { signal })) {
      if (++count > mostReferrers) throw tooMany(digest);
      if (path.includes(descriptor.digest)) continue;
      if (above.length > 0 || artifactType === undefined || descriptor.artifactType === artifactType)
        found.push(descriptor);
    }
    const nodes: ReferrerNode[] = [];
    for (const descriptor of found)
      nodes.push({ descriptor, tag: undefined, referrers: await below(descriptor.digest, path) });
    if (artifactType !== undefined && above.length === 0) return nodes;
    for (const tag of tags.get(subject) ?? []) {
      const descriptor = await repository.resolve(tag, { signal });
      nodes.push({ descriptor, tag, referrers: [] });
    }
    return nodes;
  }

  return await below(digest, []);
}

function tooMany(digest: Digest): LadingError {
  return new LadingError(Code.ResourceExhausted, `${digest} has more than ${mostReferrers} referrers`, {
    reason: 'TOO_MANY_REFERRERS',
  });
}
