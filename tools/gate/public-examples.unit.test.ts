// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { exportedNames } from './public-examples.ts';

const entry =
  "export type { A } from './a.ts';\nexport { type B, c, d as e } from './c.ts';\nimport { f } from './f.ts';\n";

it('finds what an entry exports, by the names that users see', () => {
  expect(exportedNames(entry, true)).toEqual(['A', 'B', 'c', 'e']);
});

it('can leave out types', () => {
  expect(exportedNames(entry, false)).toEqual(['c', 'e']);
});
