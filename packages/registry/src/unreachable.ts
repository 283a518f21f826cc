// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RepositoryRecord } from './record.ts';

/**
 * Which of a repository's `old` blobs and manifests nothing needs. A manifest that is not old is needed by
 * itself; so is an old one, unless `untagged` asks for those that no tag leads to. Where there is one that
 * cannot be read, anything may be what it needs.
 */
export function unreachable(
  record: RepositoryRecord | undefined,
  old: Iterable<Digest>,
  untagged: boolean,
): readonly Digest[] {
  const candidates = new Set(old);
  if (record === undefined) return [...candidates];
  const { manifests, tags, referrers, foreign } = record;
  if (foreign.some(({ digest }) => !manifests.has(digest))) return [];
  const listed = [...manifests.keys()];
  const roots = untagged ? [...tags.values(), ...listed.filter((digest) => !candidates.has(digest))] : listed;
  const kept = new Set<Digest>();
  const waiting = [...roots, ...foreign.map(({ digest }) => digest)];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (kept.has(digest)) continue;
    kept.add(digest);
    // A signature stays as long as what it signs, which stays as long as an index that has it.
    waiting.push(...(manifests.get(digest)?.references ?? []), ...(referrers.get(digest) ?? []));
  }
  return [...candidates].filter((digest) => !kept.has(digest));
}
