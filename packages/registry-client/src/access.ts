// SPDX-License-Identifier: Apache-2.0
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';

/** What the API modules of one repository share. */
export interface RepositoryAccess {
  readonly session: Session;
  readonly name: string;
  readonly scope: Scope;
  /** The registry that a proxy is to fetch from. Undefined: the host that is asked holds the repository. */
  readonly ns: string | undefined;
}

/**
 * The path of something to read in a repository; a proxy is told where to look for it.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying
 */
export function readPath(
  { name, ns }: RepositoryAccess,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams({ ...query, ...(ns === undefined ? {} : { ns }) }).toString();
  return `/v2/${name}/${path}${search === '' ? '' : `?${search}`}`;
}
