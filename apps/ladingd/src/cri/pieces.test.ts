// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { inPieces } from './pieces.ts';

async function pieces(count: number): Promise<readonly (readonly number[])[]> {
  async function* items() {
    for (let item = 1; item <= count; item += 1) yield item;
  }
  return Array.fromAsync(inPieces(items(), 2));
}

it.each([
  [0, []],
  [1, [[1]]],
  [2, [[1, 2]]],
  [5, [[1, 2], [3, 4], [5]]],
])('%i items come in pieces of two', async (count, expected) => {
  expect(await pieces(count)).toEqual(expected);
});
