// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { RegistryClient } from '@lading/registry-client';
import { type BlobFill, startBlobFill } from './blob-fill.ts';
import type { BlobStore } from './blob-store.ts';
import type { RegistryState } from './context.ts';
import { specError } from './spec-error.ts';
import type { Upstream } from './upstream.ts';
import { upstreamError } from './upstream-error.ts';

/** Blobs of a cache. */
export interface ProxyBlobs {
  /** A store in which the blob can be read: the cache's own, or one that follows the upstream. */
  provide(upstream: Upstream, digest: Digest, method: string): Promise<{ blobs: BlobStore; hit: boolean }>;
  /** Waits for fills that `signal` has ended. */
  close(): Promise<void>;
}

/** A fetch holds files, and clients that left do not end it, so there are not more of them than this. */
const mostFills = 100;

/** One fetch a blob, however many ask for it; it goes on when all of them have left. */
export function createProxyBlobs(
  { blobs, locks }: Pick<RegistryState, 'blobs' | 'locks'>,
  client: RegistryClient,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): ProxyBlobs {
  const fills = new Map<string, Promise<BlobFill>>();

  async function sizeThere({ host, repository }: Upstream, digest: Digest): Promise<number> {
    try {
      const found = await client.repository({ host, repository }).blobs.head(digest, { signal });
      if (found !== undefined) return found.size;
    } catch (error) {
      throw upstreamError(error, host, unknown());
    }
    throw unknown();
  }

  async function start(key: string, upstream: Upstream, digest: Digest): Promise<BlobFill> {
    const { host, repository, cacheName } = upstream;
    const sizeBytes = await sizeThere(upstream, digest);
    const source = client
      .repository({ host, repository })
      .blobs.open({ digest, size: sizeBytes }, { signal });
    const fill = await startBlobFill({ blobs, locks, repository: cacheName, digest, sizeBytes, source });
    fill.done
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error);
      })
      .finally(() => fills.delete(key));
    // Of nothing there is no last byte to hold back until the digest has proved right.
    if (sizeBytes === 0) {
      await fill.done.catch((error: unknown) => {
        throw upstreamError(error, host, unknown());
      });
    }
    return fill;
  }

  return {
    async provide(upstream, digest, method) {
      const { cacheName } = upstream;
      if ((await blobs.size(cacheName, digest)) !== undefined) return { blobs, hit: true };
      if (method === 'HEAD') {
        const sizeBytes = await sizeThere(upstream, digest);
        return { blobs: { ...blobs, size: async () => sizeBytes }, hit: false };
      }
      const key = `${cacheName}@${digest}`;
      let fill = fills.get(key);
      if (fill === undefined) {
        if (fills.size >= mostFills) throw specError('TOOMANYREQUESTS', 'too many blobs are fetched at once');
        fill = start(key, upstream, digest);
        fills.set(key, fill);
        fill.catch(() => fills.delete(key));
      }
      const { open } = await fill;
      return { blobs: { ...blobs, open }, hit: false };
    },
    async close() {
      for (const fill of [...fills.values()]) await fill.then(({ done }) => done).catch(() => undefined);
    },
  };
}

function unknown(): LadingError {
  return specError('BLOB_UNKNOWN', 'the upstream repository does not have this blob');
}
