// SPDX-License-Identifier: Apache-2.0
import { normalizePlatform, type Platform } from './platform.ts';

/**
 * True when an image for `have` runs on `want`. A lower variant of the same architecture runs (`arm/v6` on
 * `arm/v7`), a higher one does not. The OS version counts only where `want` names one, and then up to the
 * build number, as Windows has it; features count only where `want` lists its own.
 */
export function matchesPlatform(have: Platform, want: Platform): boolean {
  return rank(normalizePlatform(have), normalizePlatform(want)) >= 0;
}

/**
 * The entry that fits `want` best: the highest variant that still runs, then the exact OS version, then the
 * first in order. Entries without a platform are never chosen.
 */
export function selectPlatform<T extends { readonly platform?: Platform }>(
  descriptors: readonly T[],
  want: Platform,
): T | undefined {
  const wanted = normalizePlatform(want);
  let best: T | undefined;
  let bestRank = -1;
  for (const descriptor of descriptors) {
    if (descriptor.platform === undefined) continue;
    const next = rank(normalizePlatform(descriptor.platform), wanted);
    if (next > bestRank) [best, bestRank] = [descriptor, next];
  }
  return best;
}

/** How well `have` fits, -1 when it does not. Both are normalized. */
function rank(have: Platform, want: Platform): number {
  if (have.os !== want.os || have.architecture !== want.architecture) return -1;
  if (!versionFits(have['os.version'], want['os.version'])) return -1;
  const offered = want['os.features'];
  if (offered !== undefined && have['os.features']?.some((feature) => !offered.includes(feature))) return -1;
  const exactVersion = have['os.version'] === want['os.version'] ? 1 : 0;
  if (have.variant === want.variant) return 200_000 + exactVersion;
  const [haveLevel, wantLevel] = [level(have), level(want)];
  if (haveLevel === undefined || wantLevel === undefined || haveLevel > wantLevel) return -1;
  return haveLevel * 2 + exactVersion;
}

/** The number of a variant: 7 of `v7`, 8.2 of `v8.2`. Undefined for one that is not a number. */
function level({ architecture, variant }: Platform): number | undefined {
  if (variant === undefined) return architecture === 'arm64' ? 8 : 1;
  return /^v\d{1,2}(?:\.\d{1,2})?$/.test(variant) ? Number(variant.slice(1)) : undefined;
}

function versionFits(have: string | undefined, want: string | undefined): boolean {
  if (have === undefined || want === undefined || have === want) return true;
  const build = (version: string): string => version.split('.').slice(0, 3).join('.');
  return build(have) === build(want);
}
