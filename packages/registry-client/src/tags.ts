// SPDX-License-Identifier: Apache-2.0
import { isRecord, unexpectedAnswer } from './errors.ts';
import { listLimitBytes, readAll } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import { withRetries } from './retry.ts';
import type { Scope } from './scope.ts';
import type { RegistryResponse, Session } from './session.ts';

/** Amazon's registry refuses a longer page: https://github.com/google/go-containerregistry/issues/1091 */
const pageLength = 1000;

/**
 * All tags of a repository, page by page as they are asked for.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
 */
export async function* listTags(
  session: Session,
  name: string,
  scope: Scope,
  { signal }: CallOptions = {},
): AsyncGenerator<string> {
  const visited = new Set<string>();
  let target: string | URL | undefined = `/v2/${name}/tags/list?n=${pageLength}`;
  while (target !== undefined) {
    const asked: string | URL = target;
    const { tags, next } = await withRetries(session.retry, signal, async () => {
      const response = await session.send({
        method: 'GET',
        target: asked,
        scopes: scope.pull,
        expect: [200],
        notFound: 'NAME_UNKNOWN',
        signal,
      });
      const bytes = await readAll(response.body, listLimitBytes, `the tag list of ${name}`);
      return { tags: readTags(session.host, bytes), next: nextPage(session.host, response) };
    });
    yield* tags;
    // A registry that leads in a circle, or on and on without a tag, would never let go of us.
    if (next !== undefined && (visited.has(next.href) || tags.length === 0)) return;
    if (next !== undefined) visited.add(next.href);
    target = next;
  }
}

function readTags(host: string, bytes: Uint8Array): readonly string[] {
  let page: unknown;
  try {
    page = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unexpectedAnswer(host, 'the tag list is not JSON', error);
  }
  // Docker's registry writes null where there is no tag.
  const tags: unknown = isRecord(page) ? (page.tags ?? []) : undefined;
  if (
    !Array.isArray(tags) ||
    !tags.every((tag) => typeof tag === 'string' && /^[\w][\w.-]{0,127}$/.test(tag))
  ) {
    throw unexpectedAnswer(host, 'the tag list holds what is no tag');
  }
  return tags;
}

/** The `rel="next"` link, which must stay on the registry: the request carries credentials. */
function nextPage(host: string, { headers, url }: RegistryResponse): URL | undefined {
  const [, link] = /<([^<>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '') ?? [];
  if (link === undefined || !URL.canParse(link, url.href)) return undefined;
  const next = new URL(link, url);
  // Behind a proxy that ends TLS the registry may name itself with http; its path is what counts.
  if (next.host !== url.host) throw unexpectedAnswer(host, `the next page of tags is on ${next.host}`);
  return new URL(next.pathname + next.search, url);
}
