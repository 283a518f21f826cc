// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  formatPlatform,
  type Index,
  normalizeArchitecture,
  type Platform,
  selectPlatform,
} from '@lading/image-spec';

/** What containers on this machine are made for: Linux, unless it is Windows, on this architecture. */
export function defaultPlatform(): Platform {
  // A browser has no process.
  const { platform, arch } = globalThis.process ?? {};
  return {
    os: platform === 'win32' ? 'windows' : 'linux',
    architecture: normalizeArchitecture(arch ?? 'x64'),
  };
}

/**
 * The manifest of an index that is for a platform.
 *
 * @throws NotFound (`PLATFORM_UNKNOWN`) naming the platforms that are there
 */
export function choosePlatform(index: Index, platform: Platform, image: string): Descriptor {
  const found = selectPlatform(index.manifests, platform);
  if (found !== undefined) return found;
  const names = new Set(index.manifests.flatMap(({ platform: p }) => (p === undefined ? [] : [shown(p)])));
  names.delete('unknown/unknown'); // attestations, which are no images
  const offered = [...names].slice(0, 30).join(', ');
  throw new LadingError(
    Code.NotFound,
    `${image} has no image for ${formatPlatform(platform)}; ${offered === '' ? 'its index names no platform' : `there are ${offered}`}`,
    { reason: 'PLATFORM_UNKNOWN' },
  );
}

/** Names in an index are a stranger's text. */
function shown(platform: Platform): string {
  return formatPlatform(platform)
    .replaceAll(/[^\w./()+-]/g, '?')
    .slice(0, 64);
}
