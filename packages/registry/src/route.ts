// SPDX-License-Identifier: Apache-2.0
import { blobRoute } from './blob-routes.ts';
import type { Exchange, RegistryState } from './context.ts';
import { referrersRoute, tagsRoute } from './list-routes.ts';
import { manifestRoute } from './manifest-routes.ts';
import { specError } from './spec-error.ts';
import { beginUploadRoute, uploadRoute } from './upload-routes.ts';

/** What answers the requests for one kind of path. */
export interface Route {
  readonly methods: readonly string[];
  run(state: RegistryState, exchange: Exchange, repository: string, last: string): void | Promise<void>;
}

export const reading: readonly string[] = ['GET', 'HEAD'];
const blob: Route = { methods: ['GET', 'HEAD', 'DELETE'], run: blobRoute };
const manifest: Route = { methods: ['GET', 'HEAD', 'PUT', 'DELETE'], run: manifestRoute };
const tags: Route = { methods: reading, run: tagsRoute };
const referrers: Route = { methods: reading, run: referrersRoute };
const beginUpload: Route = { methods: ['POST'], run: beginUploadRoute };
const upload: Route = { methods: ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'], run: uploadRoute };

/**
 * The route of a path after `/v2/`. It is read from its end: a component of a repository's name may itself be
 * `blobs` or `manifests`.
 */
export function findRoute(
  path: string,
): { readonly route: Route; readonly name: string; readonly last: string } | undefined {
  const begin = /^(.+)\/blobs\/uploads\/?$/.exec(path)?.[1];
  if (begin !== undefined) return { route: beginUpload, name: begin, last: '' };
  const slash = path.lastIndexOf('/');
  const last = path.slice(slash + 1);
  const rest = path.slice(0, Math.max(0, slash));
  for (const [ending, route] of endings) {
    if (last === '' || !rest.endsWith(ending) || (route === tags && last !== 'list')) continue;
    return { route, name: rest.slice(0, -ending.length), last };
  }
  return undefined;
}

const endings: readonly (readonly [string, Route])[] = [
  ['/manifests', manifest],
  ['/blobs', blob],
  ['/blobs/uploads', upload],
  ['/tags', tags],
  ['/referrers', referrers],
];

/** @throws UNSUPPORTED, after naming in Allow the methods that there are */
export function checkMethod({ method, response }: Exchange, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  response.setHeader('allow', methods.join(', '));
  throw specError('UNSUPPORTED', 'there is no such method here: Allow says which there are');
}
