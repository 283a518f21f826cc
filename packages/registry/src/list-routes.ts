// SPDX-License-Identifier: Apache-2.0
import { MediaType } from '@lading/image-spec';
import { answerJson, type Exchange, type RegistryState } from './context.ts';
import { checkDigest } from './names.ts';
import { specError } from './spec-error.ts';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function tagsRoute({ records }: RegistryState, exchange: Exchange, repository: string): void {
  onlyGet(exchange);
  const record = records.get(repository);
  if (record === undefined) throw specError('NAME_UNKNOWN', 'there is no such repository');
  answerTags(exchange, repository, [...record.tags.keys()]);
}

/** The page of `tags` that the request asks for. */
export function answerTags(exchange: Exchange, repository: string, tags: readonly string[]): void {
  const { items, link } = page(exchange, `/v2/${repository}/tags/list`, tags);
  answerJson(exchange, { name: repository, tags: items }, link);
}

/** Docker's list of all repositories; the spec has none. */
export function catalogRoute({ records }: RegistryState, exchange: Exchange): void {
  onlyGet(exchange);
  const { items, link } = page(exchange, '/v2/_catalog', records.names());
  answerJson(exchange, { repositories: items }, link);
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers */
export function referrersRoute(
  { records }: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): void {
  onlyGet(exchange);
  const digest = checkDigest(reference);
  const type = exchange.query.get('artifactType');
  const manifests = [...(records.get(repository)?.manifests.values() ?? [])]
    .filter(({ subject }) => subject === digest)
    .map(({ descriptor }) => descriptor)
    .filter(({ artifactType }) => type === null || artifactType === type);
  answerJson(
    exchange,
    { schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests },
    {
      'content-type': MediaType.ImageIndex,
      ...(type === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    },
  );
}

/** `n` items after `last`, in the order of their bytes, and the link to the next page. */
function page(
  { query }: Exchange,
  path: string,
  all: readonly string[],
): { items: readonly string[]; link: Record<string, string> } {
  const n = query.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n)) throw specError('UNSUPPORTED', 'n is not a number', 400);
  const last = query.get('last') ?? '';
  const rest = all.filter((item) => item > last).sort((a, b) => (a < b ? -1 : 1));
  const items = n === null ? rest : rest.slice(0, Number(n));
  const end = items.at(-1);
  if (end === undefined || items.length === rest.length) return { items, link: {} };
  return { items, link: { link: `<${path}?${new URLSearchParams({ n: n ?? '', last: end })}>; rel="next"` } };
}

function onlyGet({ method }: Exchange): void {
  if (method !== 'GET' && method !== 'HEAD') throw specError('UNSUPPORTED', `lists know no ${method}`);
}
