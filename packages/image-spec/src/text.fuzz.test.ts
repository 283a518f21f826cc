// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  digestAlgorithm,
  digestHex,
  familiarReference,
  formatPlatform,
  formatReference,
  isDigest,
  matchesPlatform,
  normalizePlatform,
  parseDigest,
  parseFamiliarReference,
  parsePlatform,
  parseReference,
  platformCandidates,
} from './index.ts';

const hex = '0f'.repeat(32);

/** These texts, such with a character changed, and any others. */
function around(built: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const changed = fc
    .tuple(built, fc.nat(), fc.string({ maxLength: 2, unit: 'binary' }))
    .map(
      ([text, at, piece]) =>
        text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
    );
  return fc.oneof({ weight: 4, arbitrary: built }, changed, fc.string({ unit: 'binary' }));
}

function joined(maxLength: number, ...pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength }).map((list) => list.join(''));
}

/** What the parser makes of the text; undefined where it throws a LadingError. */
function attempt<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof LadingError)) throw error;
    expect(error.message).toMatch(/^[\x20-\x7e…]*$/);
    return undefined;
  }
}

function fuzz(inputs: fc.Arbitrary<string>, check: (text: string) => boolean): void {
  let taken = 0;
  fc.assert(
    fc.property(inputs, (text) => {
      if (check(text)) taken++;
    }),
    { numRuns: 100_000 },
  );
  expect(taken).toBeGreaterThan(1000);
}

const hosts = [
  'docker.io/',
  'index.docker.io/',
  'localhost/',
  'B/',
  'a.0:80/',
  '0x7f.1/',
  '[::1]:5000/',
  '[1:2]/',
  '',
];
const path = joined(6, 'library/', 'a', '0', '-', '_', '.', '/', 'a'.repeat(60), hex);
const rest = fc.constantFrom(
  '',
  ':1',
  ':A-_.',
  ':',
  `@sha256:${hex}`,
  `:1@sha256:${hex}`,
  `@${hex}`,
  '@x:y@',
);
const references = around(fc.tuple(fc.constantFrom(...hosts), path, rest).map((parts) => parts.join('')));

it.each([
  ['parseReference', parseReference],
  ['parseFamiliarReference', parseFamiliarReference],
])(
  '%s takes what its own text gives again, or throws a LadingError',
  (_name, parse) => {
    fuzz(references, (text) => {
      const reference = attempt(parse, text);
      if (reference === undefined) return false;
      const { host, repository, tag = '' } = reference;
      expect(host.length <= 255 && repository.length <= 255 && tag.length <= 128).toBe(true);
      // What is made of host and repository is a URL to that host and path, whatever the text was.
      const url = new URL(`https://${host}/v2/${repository}/tags/list`);
      expect([url.username, url.pathname]).toEqual(['', `/v2/${repository}/tags/list`]);
      const full = formatReference(reference);
      if (parse === parseReference) expect(full).toBe(text);
      expect(parse(full)).toEqual(reference);
      if (parse === parseFamiliarReference) expect(parse(familiarReference(reference))).toEqual(reference);
      return true;
    });
  },
  60_000,
);

const platforms = around(
  joined(
    7,
    'linux',
    'windows',
    'Macos',
    'amd64',
    'arm',
    'arm64',
    'x86_64',
    'armhf',
    '/',
    '/',
    '/',
    'v7',
    'v8',
    'v9.1',
    '8',
    '(10.0.20348)',
    '(+a+b)',
    '(1.2%2B+%41)',
    '%',
    '(',
    ')',
    '+',
    '.',
  ),
);
const local = { os: 'linux', architecture: 'arm64' };
const target = parsePlatform('linux/arm64/v9.2');

it('parsePlatform takes what its own text gives again, or throws a LadingError', () => {
  fuzz(platforms, (text) => {
    const platform = attempt((input) => parsePlatform(input, local), text);
    if (platform === undefined) return false;
    expect(normalizePlatform(platform)).toEqual(platform);
    expect(parsePlatform(formatPlatform(platform))).toEqual(platform);
    // An image runs where it was made for, and is a candidate exactly where it runs.
    expect(matchesPlatform(platform, platform)).toBe(true);
    expect(platformCandidates([{ platform }], target).length).toBe(matchesPlatform(platform, target) ? 1 : 0);
    return true;
  });
}, 60_000);

const digests = around(
  joined(
    6,
    'sha256',
    'sha512',
    'blake3',
    'x',
    '+',
    '.',
    '-',
    '_',
    ':',
    ':',
    hex,
    hex.toUpperCase(),
    '=',
    'Z',
    '0'.repeat(64),
  ),
);

it('parseDigest takes what its parts make again, or throws a LadingError', () => {
  fuzz(digests, (text) => {
    const digest = attempt(parseDigest, text);
    expect(isDigest(text)).toBe(digest !== undefined);
    if (digest === undefined) return false;
    expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(text);
    expect(digest).toMatch(/^[\w+.=:-]{3,256}$/);
    return true;
  });
}, 60_000);
