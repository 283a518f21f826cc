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
 * component is a host when it has a dot, a colon or an upper-case letter, or is `localhost`. The result is
 * normalized, see {@link normalizeReference}. No tag is filled in; see `withDefaultTag`.
 *
 * @throws LadingError `invalid_argument`; also for 64 hex digits alone, which would be taken for an image ID
 */
export function parseFamiliarReference(text: string): Reference {
  const { name, tag, digest } = splitReference(text);
  if (isImageId(text)) throw fault(text, '64 hex digits are an image ID');
  const slash = name.indexOf('/');
  const hasHost = slash >= 0 && looksLikeHost(name.slice(0, slash));
  const { host, repository } = normalizeReference({
    host: hasHost ? name.slice(0, slash) : hub,
    repository: hasHost ? name.slice(slash + 1) : name,
  });
  return checkedReference(text, host, repository, tag, digest);
}

/**
 * The one spelling of a repository of Docker Hub: `index.docker.io` is `docker.io`, and a repository without
 * a folder is in `library/`. References to other registries are returned as they are.
 */
export function normalizeReference(reference: Reference): Reference {
  const { host, repository } = reference;
  if (host !== hub && host !== 'index.docker.io') return reference;
  return {
    ...reference,
    host: hub,
    repository: repository.includes('/') ? repository : official + repository,
  };
}

/** The shortest text that {@link parseFamiliarReference} reads as the same reference. */
export function familiarReference(reference: Reference): string {
  const full = formatReference(reference);
  const { host, repository } = reference;
  if (host !== hub) return full;
  const short = full.slice(hub.length + 1);
  const inLibrary = repository.startsWith(official) && !repository.includes('/', official.length);
  const shorter = short.slice(official.length);
  if (inLibrary && !isImageId(shorter)) return shorter;
  // A folder of Docker Hub whose name has a dot would be read as a host.
  return repository.includes('/') && !looksLikeHost(repository.slice(0, repository.indexOf('/')))
    ? short
    : full;
}

function isImageId(text: string): boolean {
  return /^[a-f0-9]{64}$/.test(text);
}
