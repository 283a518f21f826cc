// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { readSizes } from './resize.ts';

async function sizesOf(...chunks: string[]): Promise<unknown[]> {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  return await Array.fromAsync(readSizes(source));
}

it.each<[string, string[], [number, number][]]>([
  [
    'several in a chunk',
    ['{"Width":1,"Height":2}\n{"Width":3,"Height":4}'],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['one in parts', ['{"Wid', 'th":1,"Hei', 'ght":2', '}'], [[1, 2]]],
  ['members in any order, and more of them', ['{"x":"y","Height":2,"Width":1}'], [[1, 2]]],
  [
    'sides of 0, of fractions, too large ones and texts',
    ['{"Width":0,"Height":1}{"Width":1.5,"Height":1}{"Width":65536,"Height":1}{"Width":"1","Height":1}'],
    [],
  ],
  ['no JSON, then a size', ['nonsense}', '{"Width":1,"Height":2}'], [[1, 2]]],
  ['text without an end, then a size', ['x'.repeat(5000), '{"Width":1,"Height":2}'], [[1, 2]]],
])('reads %s', async (_what, chunks, sizes) => {
  expect(await sizesOf(...chunks)).toEqual(sizes.map(([columns, rows]) => ({ columns, rows })));
});
