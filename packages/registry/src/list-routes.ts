// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, MediaType } from '@lading/image-spec';
import { answerJson, type Exchange, parameter, type RegistryState } from './context.ts';
import { checkDigest } from './names.ts';
import type { RepositoryRecord } from './record.ts';
import { specError } from './spec-error.ts';

/** Referrers are listed in pages of about this size: what clients take for one manifest. */
const referrersPageBytes = 4 * 1024 * 1024;

/** Records do not change, they are replaced: each is sorted once. */
const sorted = new WeakMap<RepositoryRecord, readonly string[]>();

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function tagsRoute({ records }: RegistryState, exchange: Exchange, repository: string): void {
  const record = records.get(repository);
  if (record === undefined) throw specError('NAME_UNKNOWN', 'there is no such repository');
  const tags = sorted.get(record) ?? sort(record.tags.keys());
  sorted.set(record, tags);
  answerTags(exchange, repository, tags);
}

/** The page of `tags`, which are sorted, that the request asks for. */
export function answerTags(exchange: Exchange, repository: string, tags: readonly string[]): void {
  const { items, link } = page(exchange, `/v2/${repository}/tags/list`, tags);
  answerJson(exchange, { name: repository, tags: items }, link);
}

/** Docker's list of all repositories; the spec has none. */
export function catalogRoute({ records }: RegistryState, exchange: Exchange): void {
  const { items, link } = page(exchange, '/v2/_catalog', sort(records.names()));
  answerJson(exchange, { repositories: items }, link);
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers */
export function referrersRoute(
  { records }: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): void {
  const digest = checkDigest(reference);
  const type = parameter(exchange, 'artifactType');
  const last = parameter(exchange, 'last') ?? '';
  const record = records.get(repository);
  const manifests: Descriptor[] = [];
  let bytes = 0;
  let link = {};
  for (const referrer of sort(record?.referrers.get(digest) ?? [])) {
    const descriptor = record?.manifests.get(referrer)?.descriptor;
    if (descriptor === undefined || referrer <= last) continue;
    if (type !== undefined && descriptor.artifactType !== type) continue;
    bytes += Buffer.byteLength(JSON.stringify(descriptor));
    const end = manifests.at(-1)?.digest;
    if (bytes > referrersPageBytes && end !== undefined) {
      const filter = type === undefined ? {} : { artifactType: type };
      link = nextPage(`/v2/${repository}/referrers/${digest}`, { ...filter, last: end });
      break;
    }
    manifests.push(descriptor);
  }
  answerJson(
    exchange,
    { schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests },
    {
      'content-type': MediaType.ImageIndex,
      ...(type === undefined ? {} : { 'oci-filters-applied': 'artifactType' }),
      ...link,
    },
  );
}

/** `n` items after `last`, and the link to the next page. */
function page(
  exchange: Exchange,
  path: string,
  all: readonly string[],
): { items: readonly string[]; link: Record<string, string> } {
  const n = parameter(exchange, 'n');
  if (n !== undefined && !/^\d{1,9}$/.test(n)) throw specError('UNSUPPORTED', 'n is not a number', 400);
  const last = parameter(exchange, 'last') ?? '';
  const after = all.findIndex((item) => item > last);
  const rest = after === -1 ? [] : all.slice(after);
  const items = n === undefined ? rest : rest.slice(0, Number(n));
  const end = items.at(-1);
  if (n === undefined || end === undefined || items.length === rest.length) return { items, link: {} };
  return { items, link: nextPage(path, { n, last: end }) };
}

function nextPage(path: string, query: Record<string, string>): { link: string } {
  return { link: `<${path}?${new URLSearchParams(query)}>; rel="next"` };
}

/** In the order of their bytes, which for names, tags and digests is that of their characters. */
export function sort<T extends string>(items: Iterable<T>): readonly T[] {
  return [...items].sort((a, b) => (a < b ? -1 : 1));
}
