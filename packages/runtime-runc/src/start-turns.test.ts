// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { createStartTurns } from './start-turns.ts';

/** Tasks that tell when they were let in, and start and end when they are told to. */
function crowd(key: string, turns = createStartTurns(4)) {
  const inside: number[] = [];
  const members = Array.from({ length: 20 }, (_, i) => {
    const over = Promise.withResolvers<number>();
    let start: () => void = () => {};
    const abort = new AbortController();
    const task = (started: () => void): Promise<number> => {
      inside.push(i);
      start = started;
      return over.promise;
    };
    const end = turns.take(key, task, abort.signal);
    return { end, over, abort, start: () => start() };
  });
  return { turns, inside, members };
}

it('lets so many start at a time, in the order in which they came', async () => {
  const { inside, members } = crowd('a');
  await setTimeout(10);
  expect(inside).toEqual([0, 1, 2, 3]);
  members[1]?.start();
  members[1]?.start();
  members[2]?.over.resolve(2);
  await setTimeout(10);
  expect(inside.slice(4)).toEqual([4, 5]);
  expect(await members[2]?.end).toBe(2);
  members[1]?.over.resolve(1);
  await members[1]?.end;
  await setTimeout(10);
  expect(inside).toHaveLength(6);
});

it('does not let those of one container wait for those of another', async () => {
  const { turns } = crowd('a');
  const other = crowd('b', turns);
  await setTimeout(10);
  expect(other.inside).toHaveLength(4);
});

it('gives the turn of one that fails, or gives up, to the next', async () => {
  const { inside, members } = crowd('a');
  await setTimeout(10);
  members[4]?.abort.abort();
  await expect(members[4]?.end).rejects.toMatchObject({ code: Code.Canceled });
  members[0]?.over.reject(new Error('broken'));
  await expect(members[0]?.end).rejects.toThrow('broken');
  await setTimeout(10);
  expect(inside.slice(4)).toEqual([5]);
});
