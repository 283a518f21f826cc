// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { shown } from './text.ts';

/** The names under which tools have stored a login to Docker Hub, the usual one first. */
const hubHosts: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
/** Docker's own key for it, from the times of the first registry API. */
export const hubLegacyKey = 'https://index.docker.io/v1/';

/** Checks what a caller names: `host[:port]`, or a namespace or repository on it, without tag. */
export function checkedKey(text: string): string {
  const key = text.replace(/\/+$/, '');
  const valid =
    /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(
      key,
    );
  if (valid && key.length <= 512) return key;
  throw new LadingError(Code.InvalidArgument, `${shown(text)} is not a registry: write host, or host/path`);
}

/**
 * The keys that may hold credentials for a name, most specific first: the repository, its namespaces, the
 * host. Each is compared as a whole: a key for `example.com` is no key for `example.com.evil.net`.
 */
export function authKeys(name: string): readonly string[] {
  const keys: string[] = [];
  for (let key = name; ; key = key.slice(0, key.lastIndexOf('/'))) {
    keys.push(key);
    if (!key.includes('/')) break;
  }
  const host = keys.at(-1);
  return host !== undefined && hubHosts.includes(host)
    ? [...keys, ...hubHosts.filter((other) => other !== host), hubLegacyKey]
    : keys;
}

/** The host that a key with a scheme means (`https://quay.io/v1/`), as `docker login` used to write it. */
export function hostOfUrlKey(key: string): string | undefined {
  return /^https?:\/\/([^/?#@\\]+)(?:\/.*)?$/.exec(key)?.[1];
}
