// SPDX-License-Identifier: Apache-2.0
import type { RepositoryAccess } from './access.ts';
import { unexpectedAnswer } from './errors.ts';
import { listLimitBytes, readAll } from './limits.ts';
import { parseLinks } from './link.ts';
import { withRetries } from './retry.ts';
import type { RegistryResponse } from './session.ts';

/** A list that a registry gives in pages. */
export interface PagedList<T> {
  /** The path of the first page. */
  readonly target: string;
  readonly accept?: string;
  readonly scopes: readonly string[];
  readonly notFound?: string;
  /** For messages: `the tags of library/alpine`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  read(bytes: Uint8Array, response: RegistryResponse): readonly T[];
  /**
   * Registries before the 1.1 spec send no Link: where a page is as long as was asked for, more may come
   * after its last item.
   */
  readonly after?: { readonly pageSize: number; readonly target: (last: T) => string };
}

/** A page has an item as a rule. Some registries filter after they cut, and then it has none. */
const mostEmptyPages = 100;
const mostPages = 100_000;

/** The pages of a list as they are asked for. */
export async function* readPages<T>(
  { session, ns }: Pick<RepositoryAccess, 'session' | 'ns'>,
  list: PagedList<T>,
): AsyncGenerator<readonly T[]> {
  const { signal, scopes, what, accept, notFound } = list;
  const visited = new Set<string>([list.target]);
  let target: string | URL | undefined = list.target;
  let previous: ReadonlySet<T> = new Set();
  let emptyPages = 0;
  while (target !== undefined) {
    const asked: string | URL = target;
    const { items, next } = await withRetries(session.retry, signal, async () => {
      const response = await session.send({
        method: 'GET',
        target: asked,
        headers: accept === undefined ? {} : { accept },
        scopes,
        expect: [200],
        ...(notFound === undefined ? {} : { notFound }),
        signal,
      });
      const bytes = await readAll(response.body, listLimitBytes, what);
      return { items: list.read(bytes, response), next: nextPage(session.host, response, ns) };
    });
    // A registry that does not know `last` begins anew.
    if (typeof asked === 'string' && asked !== list.target && items.some((item) => previous.has(item)))
      return;
    yield items;
    emptyPages = items.length === 0 ? emptyPages + 1 : 0;
    target = next ?? following(list, items);
    const key = String(target);
    // A registry that leads in a circle, or on and on without an item, would never let go of us.
    if (visited.has(key)) return;
    if (emptyPages > mostEmptyPages || visited.size > mostPages) {
      throw unexpectedAnswer(session.host, `${what} do not end`);
    }
    visited.add(key);
    previous = next === undefined ? new Set(items) : previous;
  }
}

function following<T>({ after }: PagedList<T>, items: readonly T[]): string | undefined {
  const last = items.at(-1);
  return after === undefined || last === undefined || items.length !== after.pageSize
    ? undefined
    : after.target(last);
}

/** The `rel="next"` link, which must stay on the host: the request carries credentials. */
function nextPage(host: string, { headers, url }: RegistryResponse, ns: string | undefined): URL | undefined {
  const link = parseLinks(headers.get('link') ?? '').find(({ rel }) => rel.includes('next'));
  if (link === undefined || !URL.canParse(link.target, url.href)) return undefined;
  const next = new URL(link.target, url);
  // Behind a proxy that ends TLS the registry may name itself with http; its path is what counts.
  if (next.host !== url.host) throw unexpectedAnswer(host, `the next page is on another host, ${next.host}`);
  const page = new URL(next.pathname + next.search, url);
  if (ns !== undefined && !page.searchParams.has('ns')) page.searchParams.set('ns', ns);
  return page;
}
