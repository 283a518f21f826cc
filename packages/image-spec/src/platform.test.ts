// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import {
  formatPlatform,
  matchesPlatform,
  normalizeArchitecture,
  parsePlatform,
  selectPlatform,
} from './index.ts';

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['Linux/AMD64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/riscv64', 'linux/riscv64'],
    ['macos/x64', 'darwin/amd64'],
    ['windows(10.0.17763)/amd64', 'windows(10.0.17763)/amd64'],
  ])('reads %s as %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected);
    expect(parsePlatform(expected)).toEqual(parsePlatform(text));
  });

  it.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'linux amd64',
    'a/b\n',
    `linux/${'a'.repeat(65)}`,
  ])('refuses %j', (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});

describe('normalizeArchitecture', () => {
  it.each([
    ['x64', 'amd64'],
    ['ia32', '386'],
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['s390x', 's390x'],
    ['constructor', 'constructor'],
  ])('makes %s %s', (name, expected) => {
    expect(normalizeArchitecture(name)).toBe(expected);
  });
});

describe('matchesPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/amd64/v3', true],
    ['linux/amd64/v3', 'linux/amd64/v2', false],
    ['linux/amd64/v2', 'linux/amd64', false],
    ['linux/386', 'linux/amd64', false],
    ['linux/arm/v6', 'linux/arm/v7', true],
    ['linux/arm/v8', 'linux/arm/v7', false],
    ['linux/arm64', 'linux/arm64/v8.2', true],
    ['linux/arm64/v9', 'linux/arm64', false],
    ['linux/mips/odd', 'linux/mips/odd', true],
    ['linux/mips/odd', 'linux/mips', false],
    ['windows/amd64', 'linux/amd64', false],
    ['windows(10.0.17763.1)/amd64', 'windows(10.0.17763.9)/amd64', true],
    ['windows(10.0.17763)/amd64', 'windows(10.0.20348)/amd64', false],
    ['windows(10.0.17763)/amd64', 'windows/amd64', true],
  ])('%s on %s: %s', (have, want, expected) => {
    expect(matchesPlatform(parsePlatform(have), parsePlatform(want))).toBe(expected);
  });

  it('counts features only where the machine lists its own', () => {
    const have = { os: 'windows', architecture: 'amd64', 'os.features': ['win32k'] };
    const want = { os: 'windows', architecture: 'amd64' };
    expect(matchesPlatform(have, want)).toBe(true);
    expect(matchesPlatform(have, { ...want, 'os.features': [] })).toBe(false);
    expect(matchesPlatform(have, { ...want, 'os.features': ['win32k', 'x'] })).toBe(true);
  });
});

describe('selectPlatform', () => {
  const select = (entries: string[], want: string): number => {
    const descriptors = entries.map((text) => (text === '' ? {} : { platform: parsePlatform(text) }));
    const best = selectPlatform(descriptors, parsePlatform(want));
    return best === undefined ? -1 : descriptors.indexOf(best);
  };

  it.each([
    ['the highest variant that runs', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'], 'linux/arm/v7', 1],
    ['the exact variant', ['linux/amd64', 'linux/amd64/v3', 'linux/amd64/v2'], 'linux/amd64/v3', 1],
    ['the first of equals', ['linux/amd64', 'linux/amd64'], 'linux/amd64', 0],
    [
      'the exact OS version',
      ['windows(10.0.17763.1)/amd64', 'windows(10.0.17763.2)/amd64'],
      'windows(10.0.17763.2)/amd64',
      1,
    ],
    ['none without a platform', ['', ''], 'linux/amd64', -1],
    ['none of another machine', ['unknown/unknown', 'linux/s390x'], 'linux/amd64', -1],
  ])('takes %s', (_name, entries, want, expected) => {
    expect(select(entries, want)).toBe(expected);
  });
});
