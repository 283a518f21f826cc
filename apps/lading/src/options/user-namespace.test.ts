// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseMapping, parseRanges, parseUserns } from './user-namespace.ts';

describe('a map of ids', () => {
  it.each([
    ['0:100000:65536', { containerId: 0, hostId: 100_000, size: 65_536 }],
    ['1000:0', { containerId: 1000, hostId: 0, size: 1 }],
  ])('%s', (text, mapping) => {
    expect(parseMapping(text)).toEqual(mapping);
  });

  it.each(['', '0', ':', '0:', 'a:1:1', '0:1:0', '-1:1:1', '0:1:1:1', '@0:1:1', '0:99999999999:1', '0:1 :1'])(
    '%j is refused',
    (text) => {
      expect(() => parseMapping(text)).toThrow('invalid id map');
    },
  );
});

describe('the word of --userns', () => {
  it.each([
    ['', undefined],
    ['host', undefined],
    ['auto', { auto: {} }],
    ['auto:size=4096', { auto: { size: 4096 } }],
    [
      'auto:size=10,uidmapping=5:6:7,gidmapping=8:9:1',
      {
        auto: {
          size: 10,
          additionalUidMap: [{ containerId: 5, hostId: 6, size: 7 }],
          additionalGidMap: [{ containerId: 8, hostId: 9, size: 1 }],
        },
      },
    ],
  ])('%j', (text, maps) => {
    expect(parseUserns(text)).toEqual(maps);
  });

  it.each([
    ['auto:', 'unknown user namespace'],
    ['auto:size=0', 'unknown option'],
    ['auto:size=x', 'unknown option'],
    ['auto:bytes=1', 'unknown option'],
    ['auto:uidmapping=1', 'invalid id map'],
    ['keep-id', 'root'],
    ['keep-id:uid=1', 'root'],
    ['nomap', 'root'],
    ['private', '--uidmap'],
    ['container:', 'unknown user namespace'],
    ['ns:/proc/1/ns/user', 'not supported'],
    ['everything', 'unknown user namespace'],
  ])('%j is refused', (text, message) => {
    expect(() => parseUserns(text)).toThrow(message);
  });
});

describe('ranges of /etc/subuid', () => {
  const text = '# comment\nroot:1000:10\ncontainers:5000:100\nroot:9000:5\nroot:x:1\nroot:1:0\n';

  it('stand for the ids from 0 on, one after the other', () => {
    expect(parseRanges(text, 'root', '/etc/subuid')).toEqual([
      { containerId: 0, hostId: 1000, size: 10 },
      { containerId: 10, hostId: 9000, size: 5 },
    ]);
  });

  it('are missed by their name', () => {
    expect(() => parseRanges(text, 'web', '/etc/subuid')).toThrow('/etc/subuid has no range for "web"');
  });
});
