// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { createCrew } from './parallel.ts';

const items = Array.from({ length: 20 }, (_, i) => i);

it('runs every item, and no more transfers at once than there are places', async () => {
  const crew = createCrew(3, undefined);
  let now = 0;
  let most = 0;
  const seen: number[] = [];
  await crew.each([0, 1, 2], (group) =>
    crew.each(items, (item) =>
      crew.transfer(async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise(setImmediate);
        now -= 1;
        seen.push(group * 100 + item);
      }),
    ),
  );
  expect(most).toBe(3);
  expect(seen).toHaveLength(60);
});

it('ends all by the first failure, and settles when nothing runs any more', async () => {
  const crew = createCrew(4, undefined);
  const boom = new Error('boom');
  let running = 0;
  const work = crew.each(items, async (item) => {
    running += 1;
    try {
      if (item === 2) throw boom;
      await new Promise<void>((_, reject) => {
        const stop = () => setImmediate(() => reject(new Error('stopped')));
        if (crew.signal.aborted) stop();
        else crew.signal.addEventListener('abort', stop);
      });
    } finally {
      running -= 1;
    }
  });
  await expect(work).rejects.toBe(boom);
  expect(running).toBe(0);
});

it('does not begin when the caller has given up, and says so', async () => {
  const crew = createCrew(4, AbortSignal.abort());
  const work = crew.each(items, async () => {
    throw new Error('begun');
  });
  await expect(work).rejects.toMatchObject({ code: Code.Canceled });
});
