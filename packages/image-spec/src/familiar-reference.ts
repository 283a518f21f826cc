// SPDX-License-Identifier: Apache-2.0
import {
  checkedReference,
  fault,
  formatReference,
  looksLikeHost,
  type Reference,
  splitReference,
} from './reference.ts';

const hub = 'docker.io';
const official = 'library/';

/**
 * Reads a reference as people type it for Docker: `busybox` is `docker.io/library/busybox`. The first
 * component is a host when it has a dot, a colon or an upper-case letter, or is `localhost`.
 * `index.docker.io` is `docker.io`. No tag is filled in; see `withDefaultTag`.
 *
 * @throws LadingError `invalid_argument`; also for 64 hex digits, which would be taken for an image ID
 */
export function parseFamiliarReference(text: string): Reference {
  const { name, tag, digest } = splitReference(text);
  if (/^[a-f0-9]{64}$/.test(name)) throw fault(text, '64 hex digits are an image ID');
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const hasHost = slash >= 0 && looksLikeHost(first);
  const host = !hasHost || first === 'index.docker.io' ? hub : first;
  const path = hasHost ? name.slice(slash + 1) : name;
  const repository = host === hub && !path.includes('/') ? official + path : path;
  return checkedReference(text, host, repository, tag, digest);
}

/** The shortest text that {@link parseFamiliarReference} reads as the same reference. */
export function familiarReference(reference: Reference): string {
  const full = formatReference(reference);
  const { host, repository } = reference;
  if (host !== hub) return full;
  const short = full.slice(hub.length + 1);
  const inLibrary = repository.startsWith(official) && !repository.includes('/', official.length);
  if (inLibrary && !/^[a-f0-9]{64}$/.test(repository.slice(official.length)))
    return short.slice(official.length);
  // A folder of Docker Hub whose name has a dot would be read as a host.
  return repository.includes('/') && !looksLikeHost(repository.slice(0, repository.indexOf('/')))
    ? short
    : full;
}
