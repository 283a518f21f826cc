// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Code, LadingError } from '@lading/errors';
import type { FromExtractor, ToExtractor } from './extract-messages.ts';

/** A place on an extraction thread. */
export interface ExtractSeat {
  post(message: SeatMessage, lent?: ArrayBuffer[]): void;
  /** Gives the place up, after the job was closed. A thread without jobs waits for more, and keeps no process alive. */
  leave(): void;
}

/** A message without the number of its job. */
type SeatMessage = ToExtractor extends infer M ? (M extends unknown ? Omit<M, 'job'> : never) : never;

export interface ExtractSeatListener {
  onMessage(message: FromExtractor): void;
  /** The thread has ended, and did not mean to. */
  onCrash(error: LadingError): void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, ExtractSeatListener>;
}

/**
 * A thread takes 80 ms of processor time before it has done anything and runs slowly until its code is compiled, so
 * that archives share threads. Half of the processors is enough: the other half decompresses and hashes for them.
 */
const mostThreads = Math.max(1, Math.min(4, availableParallelism() >> 1));

const threads = new Set<Thread>();
let lastJob = 0;

/** Takes a place on the thread that has least to do, or on a new one. */
export function takeExtractSeat(listener: ExtractSeatListener): ExtractSeat {
  const [idlest] = [...threads].toSorted((one, other) => one.jobs.size - other.jobs.size);
  const thread = idlest === undefined || threads.size < mostThreads ? startThread() : idlest;
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
}

/** From sources the thread is the TypeScript file, run as it is. */
function startThread(): Thread {
  const isSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(
    new URL(isSource ? './extract.worker.ts' : './extract.worker.js', import.meta.url),
    // Not what the program was started with: a preload or a test runner's hook has no place behind a chroot.
    { execArgv: isSource ? ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'] : [] },
  );
  const thread: Thread = { worker, jobs: new Map() };
  const crash = (error: LadingError): void => {
    threads.delete(thread);
    for (const listener of thread.jobs.values()) listener.onCrash(error);
  };
  worker.on('message', (message: FromExtractor) => thread.jobs.get(message.job)?.onMessage(message));
  worker.on('error', (error) => crash(LadingError.from(error, Code.Internal)));
  worker.on('exit', () =>
    crash(new LadingError(Code.Internal, 'the extraction thread ended before its work was done')),
  );
  threads.add(thread);
  return thread;
}
