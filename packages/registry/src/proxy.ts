// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isDigest } from '@lading/image-spec';
import type { RegistryClient } from '@lading/registry-client';
import { blobRoute } from './blob-routes.ts';
import { type Exchange, parameter, type RegistryState } from './context.ts';
import type { Intercept } from './intercept.ts';
import { manifestRoute } from './manifest-routes.ts';
import { checkDigest, checkName, isTag } from './names.ts';
import { createProxyBlobs } from './proxy-blobs.ts';
import { createProxyLists } from './proxy-lists.ts';
import { type CacheResult, createProxyManifests } from './proxy-manifests.ts';
import { specError } from './spec-error.ts';
import { createUpstreams, type Upstream } from './upstream.ts';

/** Options of a pull-through cache. */
export interface ProxyOptions {
  /** `host[:port]` of the registry that is cached; `docker.io` for Docker Hub. */
  readonly upstream: string;
  /**
   * Asks the upstream, with what credentials and TLS it was made with. Those of the cache's own clients are never
   * sent on. It stays the caller's to close.
   */
  readonly client: RegistryClient;
  /** For how long a tag is answered for without asking the upstream, in milliseconds. Default: 300,000. */
  readonly ttlMs?: number | undefined;
  /** Other registries that a client may name by the `ns` parameter. Default: none. */
  readonly namespaces?: readonly string[] | undefined;
  /** The clock of the TTL, in milliseconds since the epoch. Default: Date.now. */
  readonly now?: (() => number) | undefined;
}

/** A cache in front of the routes of a registry. */
export interface Proxy {
  readonly intercept: Intercept;
  /** Gives up what is being fetched. */
  close(): Promise<void>;
}

const pattern = /^\/v2\/(.+)\/(?:(manifests|blobs|referrers)\/([^/]+)|(tags)\/list)$/;

/**
 * Answers reads from the store, which it fills from the upstream. Manifests by tag are asked after again when
 * their time is over; what has a digest stays for good.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying
 */
export function createProxy(
  state: RegistryState,
  options: ProxyOptions,
  onError: (error: unknown) => void,
  onCache: (result: CacheResult) => void = () => undefined,
): Proxy {
  const { upstream: standard, client, ttlMs = 300_000, namespaces = [], now = Date.now } = options;
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 0) {
    throw new LadingError(Code.InvalidArgument, `a ttlMs of ${ttlMs} is not a time in milliseconds`);
  }
  const upstreams = createUpstreams(standard, namespaces);
  const ending = new AbortController();
  const { signal } = ending;
  const manifests = createProxyManifests(state, { client, ttlMs, now, signal });
  const lists = createProxyLists(state, client, signal);
  const blobs = createProxyBlobs(state, client, signal, onError);

  async function manifest(exchange: Exchange, upstream: Upstream, reference: string): Promise<void> {
    if (!isDigest(reference) && !isTag(reference)) {
      return await manifestRoute(state, exchange, upstream.cacheName, reference);
    }
    if (isDigest(reference)) checkDigest(reference);
    const { result, uncached } = await manifests.provide(upstream, reference);
    onCache(result);
    const { response, method } = exchange;
    if (result === 'stale') {
      response.setHeader(
        'warning',
        `299 - "${upstream.host} cannot be reached; this copy may be out of date"`,
      );
    }
    if (uncached === undefined) return await manifestRoute(state, exchange, upstream.cacheName, reference);
    const { bytes, descriptor } = uncached;
    response.writeHead(200, {
      'content-type': descriptor.mediaType,
      'content-length': String(bytes.length),
      'docker-content-digest': descriptor.digest,
    });
    response.end(method === 'HEAD' ? undefined : bytes);
  }

  async function blob(exchange: Exchange, upstream: Upstream, reference: string): Promise<void> {
    const provided = await blobs.provide(upstream, checkDigest(reference), exchange.method);
    onCache(provided.hit ? 'hit' : 'miss');
    await blobRoute({ ...state, blobs: provided.blobs }, exchange, upstream.cacheName, reference);
  }

  return {
    async intercept(exchange, path) {
      if (path === '/v2/_catalog') throw specError('UNSUPPORTED', 'a cache has no catalog', 404);
      const [, name, kind, reference = '', list] = pattern.exec(path) ?? [];
      if (name === undefined) return false;
      const ns = parameter(exchange, 'ns');
      const upstream = upstreams.find(checkName(name), ns);
      if (ns !== undefined) exchange.response.setHeader('oci-namespace', ns);
      if (list !== undefined) await lists.tags(exchange, upstream, name);
      else if (kind === 'manifests') await manifest(exchange, upstream, reference);
      else if (kind === 'blobs') await blob(exchange, upstream, reference);
      else await lists.referrers(exchange, upstream, name, reference);
      return true;
    },
    async close() {
      ending.abort(new DOMException('the cache is closed', 'AbortError'));
      await blobs.close();
    },
  };
}
