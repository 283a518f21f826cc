// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { compareVersions, parseVersion, type Version } from './version.ts';

/** Says of a version whether it is wanted. */
export type VersionConstraint = (version: Version) => boolean;

interface Comparison {
  readonly operator: string;
  readonly version: Version;
  /** How many numbers are given; those after them are 0 in `version`, and any in what is meant. */
  readonly given: number;
}

const longest = 512;
const mostAlternatives = 32;

const number = '(?:\\d+|[xX*])';
const parts = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const partial = `v?(?:${number})(?:\\.${number})?(?:\\.${number})?(?:-${parts})?(?:\\+${parts})?`;
const range = new RegExp(`(${partial})\\s+-\\s+(${partial})`, 'g');
const comparison = new RegExp(`\\s*(!=|>=|=>|<=|=<|~>|[=<>~^]|)\\s*(${partial})`, 'y');
const between = /\s*,\s*|\s+/y;

/**
 * Reads a constraint in the grammar of the library that skopeo uses, which is not npm's: comparisons with commas or
 * spaces between them, `||`, `1.2 - 1.4`, `~1.2`, `^1.2`, `1.2.x`. Prereleases are wanted only where a comparison
 * of the same alternative names one.
 *
 * @see https://github.com/Masterminds/semver#checking-version-constraints
 * @throws LadingError `invalid_argument`
 */
export function parseVersionConstraint(text: string): VersionConstraint {
  const alternatives = text.replaceAll(range, '>= $1, <= $2').split('||');
  if (text.length > longest || alternatives.length > mostAlternatives) {
    throw improper(text, `at most ${longest} characters and ${mostAlternatives} alternatives are read`);
  }
  const groups = alternatives.map((alternative) => parseAlternative(alternative, text));
  return (version) =>
    groups.some((comparisons) => {
      const takesPrereleases = comparisons.some((one) => one.version.prerelease !== '');
      if (version.prerelease !== '' && !takesPrereleases) return false;
      return comparisons.every((one) => holds(one, version));
    });
}

function parseAlternative(alternative: string, text: string): readonly Comparison[] {
  const found: Comparison[] = [];
  const trimmed = alternative.trimEnd();
  for (let at = 0; ; ) {
    comparison.lastIndex = at;
    const [whole, operator = '', version = ''] = comparison.exec(trimmed) ?? [];
    if (whole === undefined) throw improper(text, 'write one as in ">= 1.2, < 2"');
    found.push(parseComparison(operator, version, text));
    at += whole.length;
    if (at === trimmed.length) return found;
    between.lastIndex = at;
    const gap = between.exec(trimmed)?.[0];
    if (gap === undefined) throw improper(text, 'write one as in ">= 1.2, < 2"');
    at += gap.length;
  }
}

function parseComparison(operator: string, text: string, whole: string): Comparison {
  const [, numbers = '', suffix = ''] = /^v?([\dxX*.]+)(.*)$/.exec(text) ?? [];
  const kept: string[] = [];
  for (const one of numbers.split('.')) {
    if (/[xX*]/.test(one)) break;
    kept.push(one);
  }
  const filled = [...kept, '0', '0', '0'].slice(0, 3).join('.');
  const version = parseVersion(filled + suffix);
  if (version === undefined) throw improper(whole, `${JSON.stringify(text)} is no version`);
  return { operator, version, given: kept.length };
}

function holds({ operator, version: wanted, given }: Comparison, version: Version): boolean {
  const order = compareVersions(version, wanted);
  const sameMajor = version.major === wanted.major;
  const sameMinor = version.minor === wanted.minor;
  // Without any number the version is 0.0.0, and is meant so by most operators.
  const isExact = given === 3 || given === 0;
  switch (operator) {
    case '>=':
    case '=>':
      return order >= 0;
    case '<':
      return order < 0;
    case '>':
      if (isExact || !sameMajor) return order > 0;
      // More than 11 begins with 12, more than 11.1 with 11.2.
      return given === 2 && version.minor > wanted.minor;
    case '<=':
    case '=<':
      if (given === 3) return order <= 0;
      if (!sameMajor) return version.major < wanted.major;
      return given === 1 || version.minor <= wanted.minor;
    case '!=':
      return !isWithin(version, wanted, given);
    case '^':
      return order >= 0 && fixedNumbers(wanted, given).every((name) => version[name] === wanted[name]);
    case '~':
    case '~>':
      // ~0.0.0 takes everything, which scripts may count on.
      if (isExact && isZero(wanted)) return order >= 0;
      return order >= 0 && sameMajor && (given === 1 || sameMinor);
    default:
      if (given === 3) return order === 0;
      return order >= 0 && (given === 0 || (sameMajor && (given === 1 || sameMinor)));
  }
}

/** True for 1.2.7 within 1.2. */
function isWithin(version: Version, wanted: Version, given: number): boolean {
  if (given === 3 || given === 0) return compareVersions(version, wanted) === 0;
  if (version.major !== wanted.major || given === 1) return version.major === wanted.major;
  return version.minor === wanted.minor && version.prerelease === wanted.prerelease;
}

/** The numbers that may not change: up to the first that is not 0. */
function fixedNumbers({ major, minor }: Version, given: number): readonly ('major' | 'minor' | 'patch')[] {
  if (major > 0n || given === 1) return ['major'];
  if (minor > 0n || given === 2) return ['major', 'minor'];
  return ['major', 'minor', 'patch'];
}

function isZero({ major, minor, patch }: Version): boolean {
  return major === 0n && minor === 0n && patch === 0n;
}

function improper(text: string, hint: string): LadingError {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  return new LadingError(Code.InvalidArgument, `improper constraint ${shown}: ${hint}`);
}
