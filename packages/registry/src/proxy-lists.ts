// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RegistryClient } from '@lading/registry-client';
import type { Exchange, RegistryState } from './context.ts';
import { answerTags, referrersRoute, sort } from './list-routes.ts';
import { checkDigest } from './names.ts';
import type { RepositoryRecord } from './record.ts';
import { specError } from './spec-error.ts';
import type { Upstream } from './upstream.ts';
import { upstreamError } from './upstream-error.ts';

/** Longer lists are not passed on; the repositories with the most tags on Docker Hub have some ten thousand. */
const longestList = 100_000;
/** Of so many bytes at most: one descriptor may have megabytes of annotations. */
const longestListBytes = 32 * 1024 * 1024;

/** Lists of a cache: what the upstream says now. */
export interface ProxyLists {
  tags(exchange: Exchange, upstream: Upstream, name: string): Promise<void>;
  referrers(exchange: Exchange, upstream: Upstream, name: string, reference: string): Promise<void>;
}

export function createProxyLists(
  state: RegistryState,
  client: RegistryClient,
  signal: AbortSignal,
): ProxyLists {
  async function collect<T>({ host }: Upstream, items: AsyncIterable<T>): Promise<readonly T[]> {
    const all: T[] = [];
    let bytes = 0;
    try {
      for await (const item of items) {
        bytes += Buffer.byteLength(JSON.stringify(item));
        if (all.push(item) > longestList || bytes > longestListBytes) {
          throw specError('UNAVAILABLE', `${host} lists too much`);
        }
      }
    } catch (error) {
      throw upstreamError(error, host, specError('NAME_UNKNOWN', 'the upstream has no such repository'));
    }
    return all;
  }

  return {
    async tags(exchange, upstream, name) {
      const { host, repository } = upstream;
      const tags = await collect(upstream, client.repository({ host, repository }).tags({ signal }));
      answerTags(exchange, name, sort(tags));
    },
    async referrers(exchange, upstream, name, reference) {
      const { host, repository } = upstream;
      const subject = checkDigest(reference);
      const found = client.repository({ host, repository }).referrers(subject, { signal });
      const entries = (await collect(upstream, found)).map(
        (descriptor) => [descriptor.digest, { descriptor, references: [] }] as const,
      );
      const record: RepositoryRecord = {
        manifests: new Map(entries),
        tags: new Map(),
        referrers: new Map([[subject, new Set<Digest>(entries.map(([digest]) => digest))]]),
        foreign: [],
      };
      referrersRoute(
        { ...state, records: { ...state.records, get: () => record } },
        exchange,
        name,
        reference,
      );
    },
  };
}
