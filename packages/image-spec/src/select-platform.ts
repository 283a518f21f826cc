// SPDX-License-Identifier: Apache-2.0
import { normalizePlatform } from './normalize-platform.ts';
import type { Platform } from './platform.ts';
import { runnable } from './runnable.ts';
import { laterVersionFirst, windowsVersionFits } from './windows-version.ts';

/**
 * True when an image for `have` runs on `want`:
 * - of the same OS, and for the same CPU, a lower variant of it (`arm/v6` on `arm/v7`), or the 32-bit
 *   architecture that it runs too (386 on amd64, arm on arm64);
 * - on Windows, for a version that `want`'s runs, where both are told;
 * - needing no feature of the OS that `want` does not list; Windows has `win32k` without saying so.
 *
 * This is containerd's `platforms.Only`.
 */
export function matchesPlatform(have: Platform, want: Platform): boolean {
  return ranking(want)(have) >= 0;
}

/**
 * The entries that run on `want`, best first: by CPU from its own variant down, then those that use more
 * features, then (Windows) the latest version, then in the order given. Entries without a platform are left out.
 */
export function platformCandidates<T extends { readonly platform?: Platform | undefined }>(
  descriptors: readonly T[],
  want: Platform,
): T[] {
  const rank = ranking(want);
  return descriptors
    .flatMap((descriptor) => {
      const { platform } = descriptor;
      return platform === undefined ? [] : [{ descriptor, platform, rank: rank(platform) }];
    })
    .filter((candidate) => candidate.rank >= 0)
    .sort((a, b) => a.rank - b.rank || preferred(a.platform, b.platform))
    .map(({ descriptor }) => descriptor);
}

/** The entry that fits `want` best: the first of {@link platformCandidates}. */
export function selectPlatform<T extends { readonly platform?: Platform | undefined }>(
  descriptors: readonly T[],
  want: Platform,
): T | undefined {
  return platformCandidates(descriptors, want)[0];
}

/** How far a platform is from the best for `want`; -1 when it does not fit. */
function ranking(want: Platform): (have: Platform) => number {
  const wanted = normalizePlatform(want);
  const order = runnable(wanted);
  const features = new Set(wanted['os.features']);
  if (wanted.os === 'windows') features.add('win32k');
  return (have) => {
    const { os, architecture, variant = '', ...needs } = normalizePlatform(have);
    const fits =
      os === wanted.os &&
      (os !== 'windows' || windowsVersionFits(needs['os.version'], wanted['os.version'])) &&
      (needs['os.features'] ?? []).every((feature) => features.has(feature));
    return fits ? order.indexOf(`${architecture}/${variant}`) : -1;
  };
}

function preferred(a: Platform, b: Platform): number {
  const count = (platform: Platform): number => new Set(platform['os.features']).size;
  if (count(a) !== count(b)) return count(b) - count(a);
  return a.os.toLowerCase() === 'windows' ? laterVersionFirst(a['os.version'], b['os.version']) : 0;
}
