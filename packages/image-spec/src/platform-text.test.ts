// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { formatPlatform, normalizeArchitecture, normalizePlatform, parsePlatform } from './index.ts';

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['Linux/AMD64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/amd64/4', 'linux/amd64/v4'],
    ['linux/i386', 'linux/386'],
    ['linux/i686/sse2', 'linux/386'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8.0', 'linux/arm64'],
    ['linux/arm64/v8.2', 'linux/arm64/v8.2'],
    ['linux/arm64/9.0', 'linux/arm64/v9'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/arm/v5', 'linux/arm/v5'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armhf/v6', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/armv5tejl', 'linux/arm/v5'],
    ['linux/armv7l', 'linux/arm/v7'],
    ['linux/armv8l', 'linux/arm/v8'],
    ['linux/riscv64', 'linux/riscv64'],
    ['linux/mips64le/odd', 'linux/mips64le/odd'],
    ['macos/x64', 'darwin/amd64'],
    ['windows(10.0.17763)/amd64', 'windows(10.0.17763)/amd64'],
    ['windows(10.0.17763+win32k)/amd64', 'windows(10.0.17763+win32k)/amd64'],
    ['windows(+win32k)/amd64', 'windows(+win32k)/amd64'],
    ['linux(+b+a+b)/amd64', 'linux(+a+b)/amd64'],
    ['linux(a%2Bb%28+%2f)/amd64', 'linux(a%2Bb%28+%2F)/amd64'],
  ])('reads %s as %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected);
    expect(parsePlatform(expected)).toEqual(parsePlatform(text));
  });

  it.each([
    '',
    'linux',
    'amd64',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'linux amd64',
    'linux/*',
    'a/b\n',
    'windows(10.0/amd64',
    'windows(%)/amd64',
    'windows(%ff)/amd64',
    'windows(1++a)/amd64',
    'linux/arm(1)',
    `linux/${'a'.repeat(65)}`,
  ])('refuses %j', (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });

  const local = { os: 'linux', architecture: 'arm', variant: 'v6' };
  it.each([
    ['windows(10.0.17763)', 'windows(10.0.17763)/arm/v6'],
    ['macos', 'darwin/arm/v6'],
    ['linux', 'linux/arm/v6'],
    ['amd64', 'linux/amd64'],
    ['aarch64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['linux/s390x', 'linux/s390x'],
  ])('fills %s up from the local platform as %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text, local))).toBe(expected);
  });

  it.each(['penguin', 'amd64(1)', ''])('does not know what %j alone is', (text) => {
    expect(() => parsePlatform(text, local)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});

describe('normalizeArchitecture', () => {
  it.each([
    ['x64', 'amd64'],
    ['ia32', '386'],
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['mipsel', 'mipsle'],
    ['s390x', 's390x'],
    ['constructor', 'constructor'],
  ])('makes %s %s', (name, expected) => {
    expect(normalizeArchitecture(name)).toBe(expected);
  });
});

describe('normalizePlatform', () => {
  it('gives equal platforms one spelling', () => {
    const spellings = [
      {
        os: 'Windows',
        architecture: 'AMD64',
        variant: 'V1',
        'os.features': ['b', 'a', 'b', ''],
        'os.version': '',
      },
      { os: 'windows', architecture: 'x86_64', variant: '', 'os.features': ['a', 'b'] },
    ];
    for (const platform of spellings) {
      expect(normalizePlatform(platform)).toEqual({
        os: 'windows',
        architecture: 'amd64',
        'os.features': ['a', 'b'],
      });
    }
  });

  it('keeps members that it does not know', () => {
    const platform = { os: 'linux', architecture: 'amd64', features: ['sse4'] };
    expect(normalizePlatform(platform)).toEqual(platform);
  });
});
