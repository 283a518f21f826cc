// SPDX-License-Identifier: Apache-2.0
import { type RepositoryAccess, readPath } from './access.ts';
import { type ListOptions, listNames } from './name-list.ts';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function listTags(access: RepositoryAccess, options?: ListOptions): AsyncGenerator<string> {
  return listNames(
    access,
    {
      target: (query) => readPath(access, 'tags/list', query),
      member: 'tags',
      form: /^\w[\w.-]{0,127}$/,
      scopes: access.scope.pull,
      notFound: 'NAME_UNKNOWN',
      what: `the tags of ${access.name}`,
    },
    options,
  );
}
