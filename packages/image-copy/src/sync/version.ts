// SPDX-License-Identifier: Apache-2.0

/** A version as in https://semver.org, without its build metadata, which orders nothing. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Empty for a release. */
  readonly prerelease: string;
}

const longest = 256;
const most = 2n ** 64n - 1n;
const parts = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const form = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${parts}))?(?:\\+${parts})?$`);

/** Reads a version as tags have it: `v` may stand before it, and minor and patch may be missing. */
export function parseVersion(text: string): Version | undefined {
  const found = text.length > longest ? null : form.exec(text);
  if (found === null) return undefined;
  const [, major = '', minor = '0', patch = '0', prerelease = ''] = found;
  const numbers = [major, minor, patch].map(BigInt);
  if (numbers.some((number) => number > most)) return undefined;
  // A number with a zero before it would be two texts of one version.
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) return undefined;
  const [a = 0n, b = 0n, c = 0n] = numbers;
  return { major: a, minor: b, patch: c, prerelease };
}

/** Below 0 where `a` comes before `b`, 0 where neither does. */
export function compareVersions(a: Version, b: Version): number {
  for (const name of ['major', 'minor', 'patch'] as const) {
    if (a[name] !== b[name]) return a[name] < b[name] ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return comparePrereleases(a.prerelease.split('.'), b.prerelease.split('.'));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one, other] = [a[i], b[i]];
    if (one === other) continue;
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    const areNumbers = [one, other].map((part) => /^\d+$/.test(part));
    if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? -1 : 1;
    if (areNumbers[0]) return BigInt(one) < BigInt(other) ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
