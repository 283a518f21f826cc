// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  formatPlatform,
  matchesPlatform,
  type Platform,
  parsePlatform,
  platformCandidates,
  selectPlatform,
} from './index.ts';

/** All that runs on a platform, best first. */
const order: readonly (readonly [string, readonly string[]])[] = [
  ['linux/amd64', ['linux/amd64', 'linux/386']],
  ['linux/amd64/v4', ['linux/amd64/v4', 'linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64', 'linux/386']],
  ['linux/386', ['linux/386']],
  ['linux/arm/v8', ['linux/arm/v8', 'linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  ['linux/arm', ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  ['linux/arm/v6', ['linux/arm/v6', 'linux/arm/v5']],
  ['linux/arm/v5', ['linux/arm/v5']],
  ['linux/arm/v4', ['linux/arm/v4']],
  ['linux/arm64', ['linux/arm64', 'linux/arm/v8', 'linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  [
    'linux/arm64/v8.2',
    [
      'linux/arm64/v8.2',
      'linux/arm64/v8.1',
      'linux/arm64',
      'linux/arm/v8',
      'linux/arm/v7',
      'linux/arm/v6',
      'linux/arm/v5',
    ],
  ],
  [
    'linux/arm64/v9.1',
    [
      'linux/arm64/v9.1',
      'linux/arm64/v9',
      ...['6', '5', '4', '3', '2', '1'].map((minor) => `linux/arm64/v8.${minor}`),
      'linux/arm64',
      'linux/arm/v8',
      'linux/arm/v7',
      'linux/arm/v6',
      'linux/arm/v5',
    ],
  ],
  ['linux/s390x', ['linux/s390x']],
  ['linux/mips/odd', ['linux/mips/odd']],
  ['windows/amd64', ['windows/amd64', 'windows/386']],
];
const everything = [
  ...new Set(order.flatMap(([want, list]) => [want, ...list])),
  'linux/arm64/v8.9',
  'linux/arm64/v10',
  'linux/mips',
];
const entries: readonly { readonly platform?: Platform }[] = everything
  .toReversed()
  .map((text) => ({ platform: parsePlatform(text) }));

describe('platformCandidates', () => {
  it.each(order)('for %s are %j', (want, expected) => {
    const found = platformCandidates([...entries, {}], parsePlatform(want));
    expect([...new Set(found.map(({ platform }) => platform && formatPlatform(platform)))]).toEqual(expected);
  });

  it('run, and no other entry does', () => {
    for (const [text] of order) {
      const want = parsePlatform(text);
      const running = entries.filter(({ platform }) => platform && matchesPlatform(platform, want));
      expect(new Set(platformCandidates(entries, want))).toEqual(new Set(running));
    }
  });

  it('of an ARM that nobody has heard of are itself, and what every ARM of 64 bits runs', () => {
    const found = platformCandidates(entries, parsePlatform('linux/arm64/v10'));
    expect(found.map(({ platform }) => platform && formatPlatform(platform)).slice(0, 2)).toEqual([
      'linux/arm64/v10',
      'linux/arm/v8',
    ]);
  });
});

describe('selectPlatform', () => {
  const select = (texts: string[], want: string): number => {
    const descriptors = texts.map((text) => (text === '' ? {} : { platform: parsePlatform(text) }));
    const best = selectPlatform(descriptors, parsePlatform(want));
    return best === undefined ? -1 : descriptors.indexOf(best);
  };

  it.each([
    ['the highest variant that runs', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'], 'linux/arm/v7', 1],
    ['the exact variant', ['linux/amd64', 'linux/amd64/v3', 'linux/amd64/v2'], 'linux/amd64/v3', 1],
    ['64 bits before 32', ['linux/386', 'linux/amd64'], 'linux/amd64', 1],
    ['32 bits where there is nothing else', ['linux/arm64', 'linux/386'], 'linux/amd64', 1],
    ['the first of equals', ['linux/amd64', 'linux/amd64'], 'linux/amd64', 0],
    [
      'the one that uses more features',
      ['linux/amd64', 'linux(+a)/amd64', 'linux(+a+b)/amd64'],
      'linux(+a)/amd64',
      1,
    ],
    ['the CPU before the features', ['linux(+a)/386', 'linux/amd64'], 'linux(+a)/amd64', 1],
    [
      'the latest version of Windows that runs, by its numbers',
      ['windows(10.0.17763.99)/amd64', 'windows(10.0.17763.1000)/amd64', 'windows(10.0.20348)/amd64'],
      'windows(10.0.17763.5)/amd64',
      1,
    ],
    ['none without a platform', ['', ''], 'linux/amd64', -1],
    ['none of another machine', ['unknown/unknown', 'linux/s390x'], 'linux/amd64', -1],
  ])('takes %s', (_name, texts, want, expected) => {
    expect(select(texts, want)).toBe(expected);
  });
});

describe('matchesPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64/v3', true],
    ['linux/amd64/v3', 'linux/amd64/v2', false],
    ['linux/amd64', 'linux/386', false],
    ['linux/arm64', 'linux/arm/v8', false],
    ['windows/amd64', 'linux/amd64', false],
    ['freebsd(13.1)/amd64', 'freebsd(14.0)/amd64', true],
    ['windows(10.0.17763.1)/amd64', 'windows(10.0.17763.9)/amd64', true],
    ['windows(10.0.17763)/amd64', 'windows/amd64', true],
    ['windows/amd64', 'windows(10.0.17763)/amd64', true],
    ['windows(10.0.17763)/amd64', 'windows(10.0.20348)/amd64', false],
    ['windows(10.0.17763)/amd64', 'windows(10.0.14393)/amd64', false],
    ['windows(10.0.20348)/amd64', 'windows(10.0.20348)/amd64', true],
    ['windows(10.0.20348)/amd64', 'windows(10.0.22621)/amd64', true],
    ['windows(10.0.20348)/amd64', 'windows(10.0.26100)/amd64', true],
    ['windows(10.0.20348)/amd64', 'windows(10.0.26200)/amd64', false],
    ['windows(10.0.26100)/amd64', 'windows(10.0.26200)/amd64', true],
    ['windows(10.0.26100)/amd64', 'windows(10.0.20348)/amd64', false],
    ['windows(11.0.20348)/amd64', 'windows(10.0.20348)/amd64', false],
    ['windows(ltsc)/amd64', 'windows(10.0.20348)/amd64', false],
    ['windows(+win32k)/amd64', 'windows/amd64', true],
    ['windows(+hyperv)/amd64', 'windows/amd64', false],
    ['linux(+a)/amd64', 'linux/amd64', false],
    ['linux(+a)/amd64', 'linux(+a+b)/amd64', true],
    ['linux(+a+c)/amd64', 'linux(+a+b)/amd64', false],
  ])('%s on %s: %s', (have, want, expected) => {
    expect(matchesPlatform(parsePlatform(have), parsePlatform(want))).toBe(expected);
  });
});
