// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { Code, LadingError } from '@lading/errors';

/** A place on a thread. */
interface Seat<To> {
  post(message: WithoutJob<To>, lent?: ArrayBuffer[]): void;
  /** Gives the place up, after the job was closed. A thread without jobs waits for more, and keeps no process alive. */
  leave(): void;
}

/** A message without the number of its job, which tells those apart that a thread does side by side. */
type WithoutJob<M> = M extends unknown ? Omit<M, 'job'> : never;

interface SeatListener<From> {
  onMessage(message: From): void;
  /** The thread has ended, and did not mean to. */
  onCrash(error: LadingError): void;
}

/** Threads of one kind. */
export interface ThreadPool<To, From> {
  /** Takes a place on the thread that has least to do, or on a new one. */
  takeSeat(listener: SeatListener<From>): Seat<To>;
  /** Starts a thread for the seat to come, unless there is one. */
  warmUp(): void;
}

interface Thread<From> {
  readonly worker: Worker;
  readonly jobs: Map<number, SeatListener<From>>;
}

interface ThreadPoolOptions {
  /** The name of the file, without `.worker.ts`. */
  readonly kind: string;
  readonly mostThreads: number;
  /** So many jobs make a thread busy. Default 1. */
  readonly busyFrom?: number;
  /** So many jobs in a row that found all threads busy are worth another one. Default 1. */
  readonly patience?: number;
}

/**
 * A thread takes 80 ms of processor time before it has done anything and runs slowly until its code is compiled, so
 * that jobs share threads.
 */
export function createThreadPool<To, From extends { readonly job: number }>(
  { kind, mostThreads, busyFrom = 1, patience = 1 }: ThreadPoolOptions,
  start: (kind: string) => Worker = startWorker,
): ThreadPool<To, From> {
  const threads = new Set<Thread<From>>();
  let lastJob = 0;
  let busyInARow = 0;

  function startThread(): Thread<From> {
    const worker = start(kind);
    const thread: Thread<From> = { worker, jobs: new Map() };
    const crash = (error: LadingError): void => {
      threads.delete(thread);
      for (const listener of thread.jobs.values()) listener.onCrash(error);
    };
    worker.on('message', (message: From) => thread.jobs.get(message.job)?.onMessage(message));
    worker.on('error', (error) => crash(LadingError.from(error, Code.Internal)));
    worker.on('exit', () =>
      crash(new LadingError(Code.Internal, `the ${kind} thread ended before its work was done`)),
    );
    threads.add(thread);
    return thread;
  }

  return {
    warmUp() {
      if (threads.size === 0) startThread().worker.unref();
    },
    takeSeat(listener) {
      const [idlest] = [...threads].toSorted((one, other) => one.jobs.size - other.jobs.size);
      busyInARow = idlest !== undefined && idlest.jobs.size >= busyFrom ? busyInARow + 1 : 0;
      const isWorthOne = busyInARow >= patience && threads.size < mostThreads;
      if (isWorthOne) busyInARow = 0;
      const thread = idlest === undefined || isWorthOne ? startThread() : idlest;
      const job = ++lastJob;
      thread.jobs.set(job, listener);
      thread.worker.ref();
      return {
        post: (message, lent = []) => thread.worker.postMessage({ ...message, job }, lent),
        leave() {
          thread.jobs.delete(job);
          // Not ended: taking a thread's system calls down while others make some has ended whole processes.
          if (thread.jobs.size === 0) thread.worker.unref();
        },
      };
    },
  };
}

/** From sources the thread is the TypeScript file, run as it is. */
function startWorker(kind: string): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  return new Worker(
    new URL(`./${kind}.worker.${isSource ? 'ts' : 'js'}`, import.meta.url),
    // Not what the program was started with: a preload or a test runner's hook has no place behind a chroot.
    { execArgv: isSource ? ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'] : [] },
  );
}
