// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from 'node:timers/promises';
import type { Digest } from '@lading/image-spec';
import type { BlobFacts } from './blob-store.ts';
import type { RegistryState } from './context.ts';
import { removeManifest } from './record.ts';
import { unreachable } from './unreachable.ts';

/** Options of {@link Registry.collectGarbage}. */
export interface CollectGarbageOptions {
  /** Only tell what would go. Default: false. */
  readonly dryRun?: boolean | undefined;
  /**
   * What was pushed, mounted or asked for by HEAD within this time stays: its manifest may be on its way.
   * Default: 24 hours. Zero is for a registry that nobody pushes to meanwhile.
   */
  readonly olderThanMs?: number | undefined;
  /**
   * Also take manifests that no tag leads to, be it through an index or as referrer of an image that stays.
   * Default: false, they stay with their blobs, for they may be pulled by digest.
   */
  readonly untagged?: boolean | undefined;
  /** Ends the collection between two repositories; what is gone by then is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** A manifest or blob that went, or with `dryRun` would go. */
export interface Garbage {
  readonly kind: 'manifest' | 'blob';
  readonly repository: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

const defaultOlderThanMs = 24 * 3_600_000;

/**
 * Takes away what no manifest needs. A repository is looked through while it serves, and is held only while
 * what was found is looked at once more and taken.
 */
export async function collectGarbage(
  state: RegistryState,
  options: CollectGarbageOptions = {},
): Promise<readonly Garbage[]> {
  const { blobs, records, locks, uploads } = state;
  const { dryRun = false, olderThanMs = defaultOlderThanMs, untagged = false, signal } = options;
  const before = Date.now() - olderThanMs;
  const garbage: Garbage[] = [];

  /** Of these digests, what is old and needed by nothing. */
  async function find(repository: string, digests: Iterable<Digest>): Promise<Garbage[]> {
    const old = new Map<Digest, BlobFacts>();
    for (const digest of digests) {
      const facts = await blobs.facts(repository, digest);
      if (facts !== undefined && facts.usedMs <= before) old.set(digest, facts);
    }
    const record = records.get(repository);
    return unreachable(record, old.keys(), untagged).map((digest) => ({
      kind: record?.manifests.has(digest) ? 'manifest' : 'blob',
      repository,
      digest,
      sizeBytes: old.get(digest)?.sizeBytes ?? 0,
    }));
  }

  async function take(repository: string, found: readonly Garbage[]): Promise<void> {
    const manifests = found.filter(({ kind }) => kind === 'manifest');
    if (manifests.length > 0) {
      await records.update(repository, (draft) => {
        for (const { digest } of manifests) removeManifest(draft, digest);
      });
    }
    for (const { digest } of found) await blobs.delete(repository, digest);
    garbage.push(...found);
  }

  for (const repository of [...blobs.repositories()]) {
    signal?.throwIfAborted();
    // In memory nothing below waits for anything, and requests are to have their turn.
    await setImmediate();
    const candidates = await find(repository, await blobs.list(repository));
    if (dryRun) garbage.push(...candidates);
    else if (candidates.length > 0) {
      await locks.exclusive(repository, async () => {
        // Meanwhile some of it may have been asked for, or got a manifest.
        const found = await find(
          repository,
          candidates.map(({ digest }) => digest),
        );
        await take(repository, found);
      });
    }
  }
  if (!dryRun) await uploads.expire();
  return garbage;
}
