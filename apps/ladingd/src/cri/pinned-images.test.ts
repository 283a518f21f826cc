// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { isPinned } from './pinned-images.ts';

const names = ['registry.example/team/pause:3.10'];

it.each([
  ['registry.example/team/pause:3.10', true],
  ['registry.example/team/pause', false],
  ['registry.example/team/*', true],
  ['team/*', false],
  ['*pause*', true],
  ['*other*', false],
  ['*', false],
  ['', false],
])('takes %j for what pins an image, or not', (pattern, expected) => {
  expect(isPinned(names, [pattern])).toBe(expected);
});

it('pins nothing without patterns, and no image without names', () => {
  expect(isPinned(names, [])).toBe(false);
  expect(isPinned([], ['*pause*'])).toBe(false);
});
