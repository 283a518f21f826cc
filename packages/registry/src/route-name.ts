// SPDX-License-Identifier: Apache-2.0

/** What kind of endpoint a request is for; `other` is everything that the registry does not know. */
export type RouteName =
  | 'base'
  | 'catalog'
  | 'uploads'
  | 'upload'
  | 'blob'
  | 'manifest'
  | 'tags'
  | 'referrers'
  | 'metrics'
  | 'other';

const routes: readonly (readonly [RegExp, RouteName])[] = [
  [/^\/v2\/.+\/manifests\/[^/]+$/, 'manifest'],
  [/^\/v2\/.+\/blobs\/uploads\/?$/, 'uploads'],
  [/^\/v2\/.+\/blobs\/uploads\/[^/]+$/, 'upload'],
  [/^\/v2\/.+\/blobs\/[^/]+$/, 'blob'],
  [/^\/v2\/.+\/tags\/list$/, 'tags'],
  [/^\/v2\/.+\/referrers\/[^/]+$/, 'referrers'],
  [/^\/v2\/?$/, 'base'],
  [/^\/v2\/_catalog$/, 'catalog'],
  [/^\/metrics$/, 'metrics'],
];

/** A closed set of words, so that no client can make up labels. */
export function routeName(path: string): RouteName {
  return routes.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}
