// SPDX-License-Identifier: Apache-2.0
import { type ListOptions, listNames } from './name-list.ts';
import { repositoryName } from './repository-name.ts';
import type { Session } from './session.ts';

/**
 * The repositories of a registry. The distribution-spec has no such list: it is Docker's, and hosted
 * registries often refuse it.
 *
 * @see https://distribution.github.io/distribution/spec/api/#listing-repositories
 */
export function listRepositories(session: Session, options?: ListOptions): AsyncGenerator<string> {
  return listNames(
    { session, ns: undefined },
    {
      target: (query) => `/v2/_catalog?${new URLSearchParams(query)}`,
      member: 'repositories',
      form: repositoryName,
      scopes: ['registry:catalog:*'],
      what: `the repositories of ${session.host}`,
    },
    options,
  );
}
