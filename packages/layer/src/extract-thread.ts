// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { Code, LadingError } from '@lading/errors';
import type { ExtractRequest, FromExtractor, ToExtractor } from './extract-messages.ts';

/** A thread that unpacks one archive into one folder. */
export interface ExtractThread {
  /** Hands bytes over, which are copied; waits while the thread has enough to do. */
  write(chunk: Uint8Array): Promise<void>;
  /** Says that the archive is complete, and waits until it is unpacked. */
  end(): Promise<{ readonly uids: readonly number[]; readonly gids: readonly number[] }>;
  /** Makes every wait, now and later, fail with this error, unless it failed before. */
  fail(error: LadingError): void;
  /** Ends the thread wherever it is. Any number of times. */
  stop(): Promise<void>;
}

export interface ExtractListener {
  /** Takes lines of tar-split. */
  onSplit(lines: string): void;
  /** Called once, with the first error. */
  onFailure(error: LadingError): void;
}

/** A block a message: large enough that messages cost nothing, and all blocks together are 4 MiB a layer. */
const blockBytes = 512 << 10;
const mostBlocks = 8;

/** Starts the thread. From sources the thread is the TypeScript file, run as it is. */
export function startExtractThread(request: ExtractRequest, listener: ExtractListener): ExtractThread {
  const isSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(
    new URL(isSource ? './extract.worker.ts' : './extract.worker.js', import.meta.url),
    {
      workerData: request,
      // Not what the program was started with: a preload or a test runner's hook has no place behind a chroot.
      execArgv: isSource ? ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'] : [],
    },
  );
  const free: ArrayBuffer[] = [];
  let made = 0;
  let block: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  let failure: LadingError | undefined;
  let done: { uids: readonly number[]; gids: readonly number[] } | undefined;
  let wake: (() => void) | undefined;

  const notice = (): void => {
    wake?.();
    wake = undefined;
  };
  const fail = (error: LadingError): void => {
    if (failure !== undefined) return;
    failure = error;
    listener.onFailure(error);
    notice();
  };
  worker.on('message', (message: FromExtractor) => {
    if (message.type === 'taken') free.push(message.bytes);
    else if (message.type === 'split') listener.onSplit(message.lines);
    else if (message.type === 'done') done = message;
    else fail(errorOf(message));
    notice();
  });
  worker.on('error', (error) => fail(LadingError.from(error, Code.Internal)));
  worker.on('exit', () => {
    if (done === undefined) {
      fail(new LadingError(Code.Internal, 'the extraction thread ended before its work was done'));
    }
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (failure === undefined && !holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  };
  const post = (message: ToExtractor, lent: ArrayBuffer[] = []): void => worker.postMessage(message, lent);
  const emptyBlock = async (): Promise<Uint8Array<ArrayBuffer>> => {
    if (free.length === 0 && made < mostBlocks) {
      made += 1;
      return new Uint8Array(blockBytes);
    }
    await until(() => free.length > 0);
    return new Uint8Array(free.pop() ?? new ArrayBuffer(blockBytes));
  };
  const flush = (): void => {
    if (block === undefined || filled === 0) return;
    post({ type: 'chunk', bytes: block.buffer, size: filled }, [block.buffer]);
    block = undefined;
    filled = 0;
  };

  return {
    async write(chunk) {
      if (failure !== undefined) throw failure;
      for (let at = 0; at < chunk.length; ) {
        block ??= await emptyBlock();
        const piece = chunk.subarray(at, at + block.length - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled === block.length) flush();
      }
    },
    async end() {
      flush();
      post({ type: 'end' });
      await until(() => done !== undefined);
      return { uids: done?.uids ?? [], gids: done?.gids ?? [] };
    },
    fail,
    async stop() {
      await worker.terminate();
    },
  };
}

function errorOf({ code, message, reason }: FromExtractor & { type: 'failed' }): LadingError {
  return new LadingError(code, message, reason === undefined ? {} : { reason });
}
