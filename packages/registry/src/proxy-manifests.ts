// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, isDigest } from '@lading/image-spec';
import type { FetchedManifest, RegistryClient } from '@lading/registry-client';
import type { RegistryState } from './context.ts';
import { readManifest } from './manifest-entry.ts';
import { addManifest, type ManifestEntry } from './record.ts';
import { specError } from './spec-error.ts';
import type { Upstream } from './upstream.ts';
import { isUpstreamDown, upstreamError } from './upstream-error.ts';

/** How the cache came to what it answers. `stale`: the upstream could not be asked whether it still holds. */
export type CacheResult = 'hit' | 'revalidated' | 'miss' | 'stale';

/** Manifests of a cache. */
export interface ProxyManifests {
  /**
   * Sees to it that the cache has the manifest. `uncached` is a manifest that the registry cannot keep because it
   * does not understand it.
   */
  provide(
    upstream: Upstream,
    reference: string,
  ): Promise<{ result: CacheResult; uncached?: FetchedManifest }>;
}

/** What the cache knows of time. */
export interface ProxyManifestOptions {
  readonly client: RegistryClient;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** A client waits for an answer of the cache; with a copy at hand it need not wait for long. */
const longestCheckMs = 15_000;
/** An upstream that was down is asked again after this time. */
const downMs = 10_000;

type Provided = Awaited<ReturnType<ProxyManifests['provide']>>;

export function createProxyManifests(state: RegistryState, options: ProxyManifestOptions): ProxyManifests {
  const { client, ttlMs, now, signal } = options;
  const { blobs, records, locks } = state;
  /** Until when a tag is answered for without asking the upstream. */
  const checks = new Map<string, { readonly until: number; readonly stale: boolean }>();
  const pending = new Map<string, Promise<Provided>>();

  const manifestsOf = ({ host, repository }: Upstream) => client.repository({ host, repository }).manifests;

  function setTag(cacheName: string, tag: string, digest: Digest | undefined): Promise<void> {
    return records.update(cacheName, ({ tags }) => {
      if (digest === undefined) tags.delete(tag);
      else tags.set(tag, digest);
    });
  }

  async function store({ cacheName }: Upstream, fetched: FetchedManifest): Promise<boolean> {
    const { bytes, descriptor } = fetched;
    const { digest, mediaType } = descriptor;
    let entry: ManifestEntry;
    try {
      ({ entry } = readManifest(bytes, mediaType, digest));
    } catch (error) {
      if (error instanceof LadingError) return false;
      throw error;
    }
    const upload = await blobs.begin(digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256');
    try {
      await upload.append(once(bytes));
      await upload.verify(digest);
      await locks.shared(cacheName, async () => {
        await upload.publish(cacheName, digest);
        await records.update(cacheName, (draft) => addManifest(draft, entry));
      });
    } finally {
      await upload.discard();
    }
    return true;
  }

  async function fetchAndStore(upstream: Upstream, reference: string): Promise<Provided> {
    const fetched = await manifestsOf(upstream).fetch(reference, { signal });
    if (!(await store(upstream, fetched))) return { result: 'miss', uncached: fetched };
    if (!isDigest(reference)) await setTag(upstream.cacheName, reference, fetched.descriptor.digest);
    return { result: 'miss' };
  }

  async function byDigest(upstream: Upstream, digest: Digest): Promise<Provided> {
    if (records.get(upstream.cacheName)?.manifests.has(digest)) return { result: 'hit' };
    return await fetchAndStore(upstream, digest);
  }

  async function byTag(upstream: Upstream, tag: string, key: string): Promise<Provided> {
    const known = records.get(upstream.cacheName)?.tags.get(tag);
    const check = checks.get(key);
    if (known !== undefined && check !== undefined && now() < check.until) {
      return { result: check.stale ? 'stale' : 'hit' };
    }
    try {
      const provided =
        known === undefined ? await fetchAndStore(upstream, tag) : await revalidate(upstream, tag, known);
      checks.set(key, { until: now() + ttlMs, stale: false });
      return provided;
    } catch (error) {
      if (known !== undefined && isUpstreamDown(error) && !signal.aborted) {
        checks.set(key, { until: now() + Math.min(ttlMs, downMs), stale: true });
        return { result: 'stale' };
      }
      checks.delete(key);
      if (known !== undefined && hasCode(error, Code.NotFound)) {
        await setTag(upstream.cacheName, tag, undefined);
      }
      throw error;
    }
  }

  /** A HEAD says whether the tag has moved; registries that count pulls do not count it. */
  async function revalidate(upstream: Upstream, tag: string, known: Digest): Promise<Provided> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(longestCheckMs)]);
    const { digest } = await manifestsOf(upstream).resolve(tag, { signal: patience });
    if (digest === known) return { result: 'revalidated' };
    const provided = await byDigest(upstream, digest);
    if (provided.uncached === undefined) await setTag(upstream.cacheName, tag, digest);
    return provided;
  }

  return {
    async provide(upstream, reference) {
      const key = `${upstream.cacheName}:${reference}`;
      let provided = pending.get(key);
      if (provided === undefined) {
        provided = (
          isDigest(reference) ? byDigest(upstream, reference) : byTag(upstream, reference, key)
        ).finally(() => pending.delete(key));
        pending.set(key, provided);
      }
      try {
        return await provided;
      } catch (error) {
        const unknown = specError('MANIFEST_UNKNOWN', 'the upstream repository does not have this manifest');
        throw upstreamError(error, upstream.host, unknown);
      }
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
