// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOwnIds, parseSubIds } from './sub-ids.ts';

describe('parseSubIds', () => {
  it.each<[string, string, readonly (readonly [number, number])[]]>([
    [
      'finds the ranges of a user',
      'root:1:2\ncontainers:100:50\ncontainers:500:10\n',
      [
        [100, 150],
        [500, 510],
      ],
    ],
    ['joins ranges that overlap', 'containers:100:50\ncontainers:120:50', [[100, 170]]],
    ['takes no other user', 'containers2:100:50\ncontainer:1:1\n', []],
    [
      'leaves out what is no range',
      '# containers:1:2\ncontainers:x:5\ncontainers:5\ncontainers:-5:6\n\n',
      [],
    ],
  ])('%s', (_what, text, expected) => {
    expect(parseSubIds(text, 'containers')).toEqual(expected.map(([start, end]) => ({ start, end })));
  });
});

describe('parseOwnIds', () => {
  it.each<[string, string, readonly (readonly [number, number])[] | undefined]>([
    ['sees that all ids are there', '         0          0 4294967295\n', undefined],
    ['takes what a user namespace has but root', '0 1000 1\n1 100000 65536\n', [[1, 65_537]]],
    ['has none where root alone is mapped', '0 1000 1\n', []],
    ['knows a namespace with all ids but one', '0 0 4294967294\n', [[1, 4_294_967_294]]],
  ])('%s', (_what, text, expected) => {
    expect(parseOwnIds(text)).toEqual(expected?.map(([start, end]) => ({ start, end })));
  });
});
