// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { recyclingBody } from './recycling-body.ts';

async function recycledWhileReading(sizes: readonly number[]): Promise<readonly number[][]> {
  const recycled: number[] = [];
  const body = {
    async *[Symbol.asyncIterator]() {
      for (const [i, size] of sizes.entries()) yield new Uint8Array(size).fill(i);
    },
    recycle: (chunk: Uint8Array) => void recycled.push(chunk[0] ?? -1),
  };
  const seen: number[][] = [];
  for await (const _chunk of recyclingBody(body)) seen.push([...recycled]);
  return seen;
}

it('gives chunks back in their order, when four later ones and 512 KiB were taken', async () => {
  const seen = await recycledWhileReading(Array.from({ length: 8 }, () => 256 * 1024));
  expect(seen).toEqual([[], [], [], [], [], [0], [0, 1], [0, 1, 2]]);
});

it('keeps many small chunks, of which a socket may still hold all', async () => {
  const seen = await recycledWhileReading(Array.from({ length: 600 }, () => 1024));
  expect(seen[511]).toEqual([]);
  expect(seen.at(-1)?.length).toBeLessThanOrEqual(600 - 512);
  expect(seen.at(-1)?.length).toBeGreaterThan(0);
});

it('passes on what cannot be given back', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 6; i++) yield new Uint8Array(300_000).fill(i);
  }
  const firsts = [];
  for await (const chunk of recyclingBody(source())) firsts.push(chunk[0]);
  expect(firsts).toEqual([0, 1, 2, 3, 4, 5]);
});
