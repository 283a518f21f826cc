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

/** What this process runs on. */
export function hostPlatform(): Platform {
  return {
    os: process.platform === 'win32' ? 'windows' : process.platform,
    architecture: normalizeArchitecture(process.arch),
  };
}

/**
 * The manifest of an index that is for a platform.
 *
 * @throws NotFound (`PLATFORM_UNKNOWN`) naming the platforms that are there
 */
export function chooseInstance(index: Index, platform: Platform): Descriptor {
  const found = selectPlatform(index.manifests, platform);
  if (found !== undefined) return found;
  const names = new Set(index.manifests.flatMap(({ platform: p }) => (p === undefined ? [] : [safeName(p)])));
  names.delete('unknown/unknown'); // build records, which are no images
  const offered = [...names].slice(0, 30).join(', ');
  throw new LadingError(
    Code.NotFound,
    `no image for ${formatPlatform(platform)} in the index; ${offered === '' ? 'it names no platform' : `there are ${offered}`}`,
    { reason: 'PLATFORM_UNKNOWN' },
  );
}

function safeName(platform: Platform): string {
  return formatPlatform(platform)
    .replaceAll(/[^\w./()+-]/g, '?')
    .slice(0, 64);
}
