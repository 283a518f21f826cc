// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createEventQueue } from './event-queue.ts';

function queueOf(first: readonly number[] = []) {
  const dropped: number[] = [];
  const controller = new AbortController();
  const queue = createEventQueue<number>({
    limit: 3,
    onDrop: (item) => dropped.push(item),
    signal: controller.signal,
    first,
  });
  return { queue, dropped, controller };
}

it('gives what came before the reader, and what comes while it waits', async () => {
  const { queue, controller } = queueOf([1]);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const item of queue) {
      seen.push(item);
      if (item === 1) setImmediate(() => queue.push(2));
      if (item === 2) controller.abort();
    }
  })();
  await reading;
  expect(seen).toEqual([1, 2]);
});

it('drops the oldest of too many, and says so', async () => {
  const { queue, dropped, controller } = queueOf();
  for (const item of [1, 2, 3, 4, 5]) queue.push(item);
  expect(dropped).toEqual([1, 2]);
  const seen: number[] = [];
  for await (const item of queue) {
    seen.push(item);
    if (item === 5) controller.abort();
  }
  expect(seen).toEqual([3, 4, 5]);
});

it('ends at an abort while the reader waits', async () => {
  const { queue, controller } = queueOf();
  const reading = Array.fromAsync(queue);
  setImmediate(() => controller.abort());
  expect(await reading).toEqual([]);
});
