// SPDX-License-Identifier: Apache-2.0

/** Long-term releases since which containers of an older build run: Windows Server 2022 and 2025. */
const stableBuilds = [20_348, 26_100] as const;

/**
 * Whether an image for one version of Windows runs on another: up to Server 2022 the builds must be equal,
 * later ones run images since the long-term release before them. Versions that are not told fit all.
 *
 * @see https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility
 */
export function windowsVersionFits(image: string | undefined, host: string | undefined): boolean {
  const [major, minor, build] = numbers(host);
  if (build === undefined || image === undefined || image === '') return true;
  const [imageMajor, imageMinor, imageBuild] = numbers(image);
  if (imageBuild === undefined || imageMajor !== major || imageMinor !== minor) return false;
  if (build < stableBuilds[0]) return imageBuild === build;
  const oldest = stableBuilds.findLast((stable) => stable < build) ?? stableBuilds[0];
  return oldest <= imageBuild && imageBuild <= build;
}

/** Compares versions by their numbers: below 0 when `a` is the later one. */
export function laterVersionFirst(a: string | undefined, b: string | undefined): number {
  const [left, right] = [a?.split('.') ?? [], b?.split('.') ?? []];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = Number(right[i] ?? -1) - Number(left[i] ?? -1);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

/** Major, minor and build of `10.0.17763.1`; none where they are not three numbers. */
function numbers(version: string | undefined): number[] {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})(?:\.|$)/.exec(version ?? '');
  return match === null ? [] : match.slice(1, 4).map(Number);
}
