// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createThreadPool } from './thread-pool.ts';

interface Message {
  readonly job: number;
}

/** A pool whose threads are none, and what became of each of them. */
function makePool(options: { mostThreads: number; busyFrom?: number; patience?: number }) {
  const threads: { worker: EventEmitter; jobs: number; holds: boolean }[] = [];
  const pool = createThreadPool<Message, Message>({ kind: 'test', ...options }, () => {
    const worker = new EventEmitter();
    const thread = { worker, jobs: 0, holds: true };
    threads.push(thread);
    return Object.assign(worker, {
      postMessage() {
        thread.jobs += 1;
      },
      ref() {
        thread.holds = true;
      },
      unref() {
        thread.holds = false;
      },
    }) as unknown as Worker;
  });
  const seat = (onCrash: (error: Error) => void = () => undefined) => {
    const taken = pool.takeSeat({ onMessage: () => undefined, onCrash });
    taken.post({});
    return taken;
  };
  return { pool, threads, seat, jobs: () => threads.map(({ jobs }) => jobs) };
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

  it('tells all jobs of a thread that has ended, and starts another for the next', () => {
    const { threads, seat, jobs } = makePool({ mostThreads: 1 });
    const crashes: string[] = [];
    seat(({ message }) => crashes.push(message));
    seat(({ message }) => crashes.push(message));
    threads[0]?.worker.emit('exit', 1);
    expect(crashes).toEqual(Array(2).fill('the test thread ended before its work was done'));
    seat();
    expect(jobs()).toEqual([2, 1]);
  });
});
