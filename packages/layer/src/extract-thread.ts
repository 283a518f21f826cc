// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import type { LadingError } from '@lading/errors';
import type { ExtractRequest, FromExtractor, ToExtractor } from './extract-messages.ts';
import { errorOf } from './thread-failure.ts';
import { createThreadPool } from './thread-pool.ts';

/** An archive that is unpacked into a folder on another thread. */
export interface ExtractThread {
  /**
   * Hands bytes over, which are copied; waits while the thread has enough to do.
   *
   * @param compressedSize bytes of the compressed stream so far
   */
  write(chunk: Uint8Array, compressedSize: number): Promise<void>;
  /** Says that the archive is complete, and waits until it is unpacked. */
  end(): Promise<{ readonly uids: readonly number[]; readonly gids: readonly number[] }>;
  /** Makes every wait, now and later, fail with this error, unless it failed before. */
  fail(error: LadingError): void;
  /** Ends the work wherever it is; nothing is written any more then. Any number of times. */
  stop(): Promise<void>;
}

export interface ExtractListener {
  /** Takes lines of tar-split. */
  onSplit(lines: Uint8Array): void;
  /** Called once, with the first error. */
  onFailure(error: LadingError): void;
}

/** Half of the processors is enough: the other half decompresses and hashes for them. */
const extractors = createThreadPool<ToExtractor, FromExtractor>({
  kind: 'extract',
  mostThreads: Math.max(1, Math.min(4, availableParallelism() >> 1)),
});

/**
 * Starts a thread that unpacks layers, for whoever knows that there will be one, and has to wait for a registry first:
 * a thread takes 80 ms of processor time until it is ready. It keeps no process alive. Any number of times.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs';
 * import { applyLayer, packEntries, warmUpExtraction } from '@lading/layer';
 *
 * warmUpExtraction();
 * const folder = mkdtempSync('/tmp/lading-readme-');
 * const { diffSize } = await applyLayer(packEntries([{ type: 'directory', path: 'etc' }]), folder);
 * console.log(diffSize); // → 1536
 * rmSync(folder, { recursive: true });
 * ```
 */
export function warmUpExtraction(): void {
  extractors.warmUp();
}

/** A block a message: large enough that messages cost nothing, and all blocks together are 4 MiB a layer. */
const blockBytes = 512 << 10;
const mostBlocks = 8;

/** Begins to unpack an archive on a thread, which may have others to unpack too. */
export function startExtractThread(request: ExtractRequest, listener: ExtractListener): ExtractThread {
  const free: ArrayBuffer[] = [];
  let made = 0;
  let block: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  let compressedBytes = 0;
  let failure: LadingError | undefined;
  let done: { uids: readonly number[]; gids: readonly number[] } | undefined;
  let closing: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  const closed = Promise.withResolvers<void>();

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
  const seat = extractors.takeSeat({
    onMessage(message) {
      if (message.type === 'taken') free.push(message.bytes);
      else if (message.type === 'split') listener.onSplit(message.lines);
      else if (message.type === 'done') done = message;
      else if (message.type === 'closed') closed.resolve();
      else fail(errorOf(message));
      notice();
    },
    onCrash(error) {
      fail(error);
      closed.resolve();
    },
  });
  seat.post({ type: 'begin', request });
  const until = async (holds: () => boolean): Promise<void> => {
    while (failure === undefined && !holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  };
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
    seat.post({ type: 'chunk', bytes: block.buffer, size: filled, compressedBytes }, [block.buffer]);
    block = undefined;
    filled = 0;
  };

  const close = async (): Promise<void> => {
    seat.post({ type: 'close' });
    await closed.promise;
    seat.leave();
  };

  return {
    async write(chunk, compressedSize) {
      if (failure !== undefined) throw failure;
      compressedBytes = compressedSize;
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
      seat.post({ type: 'end' });
      await until(() => done !== undefined);
      return { uids: done?.uids ?? [], gids: done?.gids ?? [] };
    },
    fail,
    stop() {
      closing ??= close();
      return closing;
    },
  };
}
