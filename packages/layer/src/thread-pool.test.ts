// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createThreadPool } from './thread-pool.ts';

interface Message {
  readonly job: number;
}

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** A pool whose threads wait and say nothing, and what became of each of them. */
function makePool(options: { mostThreads: number; busyFrom?: number; patience?: number }) {
  const threads: { posts: () => number; end: () => Promise<unknown>; holds: boolean }[] = [];
  const pool = createThreadPool<Message, Message>({ kind: 'test', ...options }, () => {
    const worker = new Worker("require('node:worker_threads').parentPort.on('message', () => {})", {
      eval: true,
    });
    workers.push(worker);
    const post = vi.spyOn(worker, 'postMessage');
    const thread = { posts: () => post.mock.calls.length, end: () => worker.terminate(), holds: true };
    vi.spyOn(worker, 'ref').mockImplementation(() => {
      thread.holds = true;
    });
    vi.spyOn(worker, 'unref').mockImplementation(() => {
      thread.holds = false;
    });
    threads.push(thread);
    return worker;
  });
  const seat = (onCrash: (error: Error) => void = () => undefined) => {
    const taken = pool.takeSeat({ onMessage: () => undefined, onCrash });
    taken.post({});
    return taken;
  };
  return { pool, threads, seat, jobs: () => threads.map(({ posts }) => posts()) };
}

describe('a pool of threads', () => {
  it('starts a thread for each job up to the most, then shares them out', () => {
    const { seat, jobs } = makePool({ mostThreads: 2 });
    for (let i = 0; i < 5; i++) seat();
    expect(jobs()).toEqual([3, 2]);
  });

  it('uses one that has nothing to do', () => {
    const { seat, jobs } = makePool({ mostThreads: 2 });
    for (let i = 0; i < 5; i++) seat().leave();
    expect(jobs()).toEqual([5]);
  });

  it('starts another one only when all were busy for so many jobs in a row', () => {
    const { seat, jobs } = makePool({ mostThreads: 4, busyFrom: 2, patience: 3 });
    const [first, second] = [seat(), seat()];
    seat().leave();
    seat().leave();
    second.leave(); // one job is no reason
    seat().leave();
    const third = seat();
    seat().leave();
    seat().leave();
    expect(jobs()).toEqual([8]);
    seat().leave();
    expect(jobs()).toEqual([8, 1]);
    for (const each of [first, third]) each.leave();
  });

  it('holds the process only while there are jobs', () => {
    const { pool, threads, seat } = makePool({ mostThreads: 1 });
    pool.warmUp();
    expect(threads.map(({ holds }) => holds)).toEqual([false]);
    const [one, other] = [seat(), seat()];
    one.leave();
    expect(threads.map(({ holds }) => holds)).toEqual([true]);
    other.leave();
    expect(threads.map(({ holds }) => holds)).toEqual([false]);
  });

  it('tells all jobs of a thread that has ended, and starts another for the next', async () => {
    const { threads, seat, jobs } = makePool({ mostThreads: 1 });
    const crashes: string[] = [];
    seat(({ message }) => crashes.push(message));
    seat(({ message }) => crashes.push(message));
    await threads[0]?.end();
    expect(crashes).toEqual(Array(2).fill('the test thread ended before its work was done'));
    seat();
    expect(jobs()).toEqual([2, 1]);
  });
});
