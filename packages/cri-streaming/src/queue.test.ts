// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createQueue } from './queue.ts';

it('gives what waits in order, also what came before the end', async () => {
  const queue = createQueue<number>(10, () => 1);
  for (const value of [1, 2, 3]) queue.push(value);
  queue.end();
  queue.push(4);
  expect(await Array.fromAsync(queue)).toEqual([1, 2, 3]);
});

it('has room again once enough was taken, and when the taker leaves', async () => {
  const queue = createQueue<number>(2, () => 1);
  queue.push(1);
  expect(queue.isFull).toBe(false);
  queue.push(2);
  queue.push(3);
  expect(queue.isFull).toBe(true);
  let hasRoom = false;
  const room = queue.room().then(() => {
    hasRoom = true;
  });
  const taker = queue[Symbol.asyncIterator]();
  await taker.next();
  expect([queue.isFull, hasRoom]).toEqual([true, false]);
  await taker.next();
  await room;
  queue.push(4);
  expect(queue.isFull).toBe(true);
  await taker.return?.();
  await queue.room();
});
