// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { Code, LadingError } from '@lading/errors';
import type { ExtractRequest, FromExtractor, ToExtractor } from './extract-messages.ts';

/** A thread that unpacks one archive into one folder. */
export interface ExtractThread {
  /** Hands a chunk over; waits while the thread has enough to do. The chunk's memory is taken. */
  write(chunk: Uint8Array): Promise<void>;
  /** Says that the archive is complete, and waits until it is unpacked. */
  end(): Promise<{ readonly uids: readonly number[]; readonly gids: readonly number[] }>;
  /** Ends the thread wherever it is. Any number of times. */
  stop(): Promise<void>;
}

/** Chunks that may wait in the thread: enough to keep it busy, few enough to bound memory. */
const mostWaiting = 8;

/**
 * Starts the thread. From sources the thread is the TypeScript file, run as it is.
 *
 * @param onSplit takes lines of tar-split, and may hold the thread's feeding back
 */
export function startExtractThread(request: ExtractRequest, onSplit: (lines: string) => void): ExtractThread {
  const isSource = import.meta.url.endsWith('.ts');
  const url = new URL(isSource ? './extract.worker.ts' : './extract.worker.js', import.meta.url);
  const worker = new Worker(url, {
    workerData: request,
    ...(isSource
      ? { execArgv: ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'] }
      : {}),
  });
  let waiting = 0;
  let wake: (() => void) | undefined;
  let failure: LadingError | undefined;
  let done: { uids: readonly number[]; gids: readonly number[] } | undefined;
  const notice = (): void => {
    wake?.();
    wake = undefined;
  };
  const fail = (error: LadingError): void => {
    failure ??= error;
    notice();
  };
  worker.on('message', (message: FromExtractor) => {
    if (message.type === 'taken') waiting -= 1;
    else if (message.type === 'split') onSplit(message.lines);
    else if (message.type === 'done') done = message;
    else
      fail(
        new LadingError(
          message.code,
          message.message,
          message.reason === undefined ? {} : { reason: message.reason },
        ),
      );
    notice();
  });
  worker.on('error', (error) => fail(LadingError.from(error, Code.Internal)));
  worker.on('exit', () => {
    if (done === undefined)
      fail(new LadingError(Code.Internal, 'the extraction thread ended before its work was done'));
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  };
  const post = (message: ToExtractor): void =>
    worker.postMessage(message, message.type === 'chunk' ? [message.bytes] : []);

  return {
    async write(chunk) {
      await until(() => waiting < mostWaiting);
      waiting += 1;
      post({ type: 'chunk', bytes: ownMemory(chunk) });
    },
    async end() {
      post({ type: 'end' });
      await until(() => done !== undefined);
      return { uids: done?.uids ?? [], gids: done?.gids ?? [] };
    },
    async stop() {
      await worker.terminate();
    },
  };
}

/** Memory that can be given away: a chunk that is a view of a larger buffer is copied. */
function ownMemory(chunk: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = chunk;
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
  return isWhole ? buffer : Uint8Array.from(chunk).buffer;
}
