// SPDX-License-Identifier: Apache-2.0
import type { RegistryClient } from '@lading/registry-client';
import { specError } from './spec-error.ts';
import type { Upstream } from './upstream.ts';
import { upstreamError } from './upstream-error.ts';

/** A repository with more tags than this is not listed; the largest of Docker Hub have some ten thousand. */
const mostTags = 100_000;

/** All tags of a repository, as the upstream lists them now. */
export async function upstreamTags(
  client: RegistryClient,
  { host, repository }: Upstream,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tags: string[] = [];
  try {
    for await (const tag of client.repository({ host, repository }).tags({ signal })) {
      if (tags.push(tag) > mostTags) throw specError('UNSUPPORTED', `${host} lists too many tags`, 502);
    }
  } catch (error) {
    throw upstreamError(error, host, specError('NAME_UNKNOWN', 'the upstream has no such repository'));
  }
  return tags;
}
