// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { matchImage } from './match-image.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const images = [
  {
    id: `a1${'0'.repeat(62)}`,
    names: ['docker.io/library/busybox:latest', 'docker.io/library/busybox:1'],
    digest,
  },
  { id: `a2${'0'.repeat(62)}`, names: ['localhost:5000/demo/hello:latest'] },
  { id: `b3${'0'.repeat(62)}`, names: ['quay.io/team/web:2', 'localhost/busybox:dev'] },
  { id: `c4${'0'.repeat(62)}` },
  { id: `c5${'0'.repeat(62)}`, names: ['x.io/app:latest'] },
  { id: `c6${'0'.repeat(62)}`, names: ['y.io/app:latest'] },
];

describe('matchImage', () => {
  const cases: [string, string | undefined][] = [
    ['busybox', 'a1'],
    ['busybox:latest', 'a1'],
    ['library/busybox:1', 'a1'],
    ['docker.io/busybox', 'a1'],
    ['busybox:2', undefined],
    ['busybox:dev', 'b3'],
    ['localhost:5000/demo/hello', 'a2'],
    ['demo/hello', 'a2'],
    ['hello', 'a2'],
    ['ello', undefined],
    ['web:2', 'b3'],
    ['web', undefined],
    ['a2', 'a2'],
    ['b', 'b3'],
    [`c4${'0'.repeat(62)}`, 'c4'],
    [`sha256:c4${'0'.repeat(62)}`, 'c4'],
    [`busybox@${digest}`, 'a1'],
    [`quay.io/team/web@${digest}`, undefined],
    ['UPPER CASE', undefined],
  ];
  it.each(cases)('finds what %j means', (ref, expected) => {
    expect(matchImage(images, ref)?.id.slice(0, 2)).toBe(expected);
  });

  it.each(['a', 'app'])('refuses %j, which means several', (ref) => {
    expect(() => matchImage(images, ref)).toThrow(/give/);
  });
});
