// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseSyncFile } from './sync-file.ts';
import { tagPattern, tagVersions } from './tag-filter.ts';

describe('a file for sync', () => {
  it('is read as the manual of skopeo has it, with tags that look like numbers', async () => {
    const [first, second] = await parseSyncFile(`
registry.example.com:
    images:
        busybox: []
        nothing:
        redis:
            - 1.0
            - "2.0"
            - 0x10
            - "sha256:0000000000000000000000000000000011111111111111111111111111111111"
    images-by-tag-regex:
        nginx: ^1\\.13\\.[12]-alpine-perl$
    images-by-semver:
        alpine: ">= 3.12.0"
    credentials:
        username: john
        password: 1234
    tls-verify: true
    cert-dir: /home/john/certs
quay.io:
    tls-verify: false
    images:
        coreos/etcd:
            - latest
`);
    expect(first).toEqual({
      registry: 'registry.example.com',
      images: new Map([
        ['busybox', []],
        ['nothing', []],
        ['redis', ['1.0', '2.0', '0x10', `sha256:${'0'.repeat(32)}${'1'.repeat(32)}`]],
      ]),
      imagesByTagRegex: new Map([['nginx', '^1\\.13\\.[12]-alpine-perl$']]),
      imagesBySemver: new Map([['alpine', '>= 3.12.0']]),
      credentials: { username: 'john', password: '1234' },
      tlsVerify: true,
      certDir: '/home/john/certs',
    });
    expect(second).toMatchObject({ registry: 'quay.io', tlsVerify: false, credentials: undefined });
  });

  it.each([
    ['[', /^the file is no YAML: /],
    ['- a', /^file: expected an object, got a list/],
    ['a.net: 5', /^file\["a.net"\]: expected an object/],
    ['a.net: {images: [b]}', /^file\["a.net"\]\.images: expected an object, got a list/],
    ['a.net: {images: {b: latest}}', /^file\["a.net"\]\.images\["b"\]: expected a list/],
    ['a.net: {tls-verify: maybe}', /tls-verify.*expected true or false/],
    ['a.net: {credentials: {password: [secret]}}', /credentials.password: expected a string/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /^the file is no YAML: .*alias/i,
    ],
  ])('%j is refused', async (text, message) => {
    await expect(parseSyncFile(text)).rejects.toThrow(message);
  });

  it('may be empty, and so may what it says of a registry', async () => {
    expect(await parseSyncFile('')).toEqual([]);
    expect(await parseSyncFile('a.net:')).toMatchObject([{ registry: 'a.net', images: new Map() }]);
  });
});

describe('a filter of tags', () => {
  it.each([
    ['^1\\.13\\.[12]-alpine-perl$', ['1.13.1-alpine-perl'], ['1.13.3-alpine-perl', '1.13.1-alpine-perl2']],
    ['(?i)RC', ['1.0-rc1'], ['1.0']],
    ['^[[:digit:]]+\\z', ['20'], ['2a']],
    ['^(?P<major>\\d)\\.', ['3.1'], ['33.1']],
    ['^(a+)+$', ['aaaa'], [`${'a'.repeat(127)}!`]],
  ])('reads the pattern %s as Go does', async (pattern, taken, left) => {
    const isWanted = await tagPattern(pattern);
    expect([...taken, ...left].filter(isWanted)).toEqual(taken);
  });

  it('refuses what is no pattern of Go', async () => {
    await expect(tagPattern('(?=a)')).rejects.toThrow(/^"\(\?=a\)" is no pattern/);
  });

  it('by versions leaves out what is none', () => {
    expect(['latest', '1.0', 'v2.1', '2.1-alpine', '3'].filter(tagVersions('>=2'))).toEqual(['v2.1', '3']);
  });
});
