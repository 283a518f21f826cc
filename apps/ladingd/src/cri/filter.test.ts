// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { matchesLabels } from './filter.ts';

it.each([
  [undefined, true],
  [{}, true],
  [{ app: 'web' }, true],
  [{ app: 'web', tier: 'front' }, true],
  [{ app: 'db' }, false],
  [{ app: '' }, false],
  [{ app: 'web', more: 'x' }, false],
  [{ constructor: 'x' }, false],
])('labels app=web, tier=front match %j: %s', (wanted, matches) => {
  expect(matchesLabels({ app: 'web', tier: 'front' }, wanted)).toBe(matches);
});
