// SPDX-License-Identifier: Apache-2.0
import { isDigest } from '@lading/image-spec';

/**
 * What is wrong with a scope of a transport, undefined if nothing is. A scope that can match no image would leave
 * its author with the wrong belief that it protects.
 */
export function scopeFault(transport: string, scope: string): string | undefined {
  if (scope === '') return undefined;
  switch (transport) {
    case 'docker-archive':
    case 'tarball':
      return 'the transport has no scope but the empty one';
    case 'dir':
    case 'oci':
    case 'oci-archive':
    case 'sif':
      return pathFault(
        transport === 'oci' || transport === 'oci-archive' ? scope.replace(/:.*$/s, '') : scope,
      );
    case 'docker-daemon':
      return isDigest(scope) ? 'the ID of an image is no scope' : undefined;
    case 'containers-storage':
      return storageFault(scope);
    default:
      return undefined;
  }
}

function storageFault(scope: string): string | undefined {
  const [, name] = /^\[(?:[^\]@]+@)?\/[^\]]*\](.*)$/s.exec(scope) ?? [];
  if (name === undefined) return 'expected [driver@/root] or [/root] at the front';
  const [, first, ...rest] = name.split('@');
  const isId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
  if (first === undefined) return undefined;
  const isRight =
    rest.length === 0 ? isId(first) || isDigest(first) : isDigest(first) && isId(rest.join('@'));
  return isRight ? undefined : 'expected an image ID or a digest after the @';
}

function pathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'expected a path that begins with /';
  if (path === '/') return 'for the whole transport use the empty scope';
  const isClean = path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
  return isClean ? undefined : 'expected a path without // . .. and / at the end';
}
