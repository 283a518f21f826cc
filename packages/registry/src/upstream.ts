// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isName } from './names.ts';
import { specError } from './spec-error.ts';

/** Where a repository of the cache comes from. */
export interface Upstream {
  readonly host: string;
  /** The repository's name there. */
  readonly repository: string;
  /** Its name in the cache, host first, so that no two registries share one. */
  readonly cacheName: string;
}

/** Finds the upstream of a repository. */
export interface Upstreams {
  /** @param ns the `ns` parameter: the registry that the client means */
  find(name: string, ns: string | undefined): Upstream;
}

const dockerHub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#registry-proxying */
export function createUpstreams(standard: string, namespaces: readonly string[]): Upstreams {
  const first = checkHost(standard);
  const others = new Set(namespaces.map(checkHost));
  return {
    find(name, ns) {
      const host = ns === undefined ? first : canonicalHost(ns);
      // Asking wherever a client points would make this server a way into every network that it can reach.
      if (host !== first && !others.has(host)) {
        throw specError('NAME_UNKNOWN', 'this cache does not serve the registry that ns names');
      }
      const repository = host === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
      const cacheName = `${folderOf(host)}/${repository}`;
      if (!isName(cacheName))
        throw specError('NAME_INVALID', 'the repository name is too long for this cache');
      return { host, repository, cacheName };
    },
  };
}

/** Docker Hub has several names. */
export function canonicalHost(host: string): string {
  // toLowerCase makes letters of ASCII of some that are not: the Kelvin sign is a "k".
  const lower = host.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return dockerHub.has(lower) ? 'docker.io' : lower;
}

/** No host has an underscore, so this keeps hosts apart. */
function folderOf(host: string): string {
  return host.replace(':', '_');
}

function checkHost(text: string): string {
  const host = canonicalHost(text);
  if (/^[a-z0-9.-]+(?::\d{1,5})?$/.test(host) && isName(folderOf(host))) return host;
  throw new LadingError(
    Code.InvalidArgument,
    `${JSON.stringify(text)} is not an upstream: write HOST or HOST:PORT, as in registry.example.com:5000`,
  );
}
