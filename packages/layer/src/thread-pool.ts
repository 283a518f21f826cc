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
  hasAnswered: boolean;
}

/**
 * A thread takes 80 ms of processor time before it has done anything and runs slowly until its code is compiled, so
 * that jobs share threads.
 *
 * @param kind the name of its file, without `.worker.ts`
 * @param jobsQueue a job may wait behind another: a thread is busy only when one waits and it has begun to answer, as
 * what it cannot do before is no reason for another. Otherwise it is busy with any job. When all are, another is started
 */
export function createThreadPool<To, From extends { readonly job: number }>(
  kind: string,
  mostThreads: number,
  jobsQueue = false,
): ThreadPool<To, From> {
  const threads = new Set<Thread<From>>();
  let lastJob = 0;
  const isBusy = ({ jobs, hasAnswered }: Thread<From>): boolean =>
    jobsQueue ? jobs.size > 1 && hasAnswered : jobs.size > 0;

  function startThread(): Thread<From> {
    const worker = startWorker(kind);
    const thread: Thread<From> = { worker, jobs: new Map(), hasAnswered: false };
    const crash = (error: LadingError): void => {
      threads.delete(thread);
      for (const listener of thread.jobs.values()) listener.onCrash(error);
    };
    worker.on('message', (message: From) => {
      thread.hasAnswered = true;
      thread.jobs.get(message.job)?.onMessage(message);
    });
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
      const canStart = threads.size < mostThreads && [...threads].every(isBusy);
      const thread = idlest === undefined || canStart ? startThread() : idlest;
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
