// SPDX-License-Identifier: Apache-2.0
import { watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from '../state/atomic-file.ts';
import type { LogEntry, LogOptions } from '../types/logs.ts';
import { createLineJoiner } from './log-line.ts';
import { tailOffset } from './tail-offset.ts';

const newline = 0x0a;
const blockBytes = 64 * 1024;
/** A record longer than this is no record; the rest of it is skipped. */
const recordLimit = 1024 * 1024;
/** How long a change can stay unnoticed where the kernel does not report it. */
const pollMs = 250;

export interface ReadLogOptions extends LogOptions {
  /** Whether nothing more will be written; asked while following. */
  readonly ended?: () => Promise<boolean>;
}

/**
 * Entries of a log in k8s-file format, oldest first. Holds at most some records in memory. Lines that are
 * no records are passed over. While following, a log that was renamed or cut is read on from its new file.
 */
export async function* readLog(
  path: string,
  options: ReadLogOptions = {},
): AsyncGenerator<LogEntry, void, void> {
  const { signal, follow = false } = options;
  const joiner = createLineJoiner();
  const since = options.since?.getTime();
  const until = options.until?.getTime();
  const wanted = (entry: LogEntry): boolean => since === undefined || Date.parse(entry.time) >= since;
  const tooLate = (entry: LogEntry): boolean => until !== undefined && Date.parse(entry.time) > until;

  const wake = follow ? watchFile(path) : undefined;
  let file = await openLog(path);
  try {
    let position = 0;
    if (file !== undefined && options.tail !== undefined) {
      position = await tailOffset(file, (await file.stat()).size, options.tail);
    }
    let lines = createSplitter();
    for (;;) {
      signal?.throwIfAborted();
      // Asked before reading: what was written before the end is read after it.
      const last = !follow || ((await options.ended?.()) ?? false);
      if (file !== undefined) {
        const buffer = Buffer.alloc(blockBytes);
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, blockBytes, position);
          if (bytesRead === 0) break;
          position += bytesRead;
          for (const line of lines.push(buffer.subarray(0, bytesRead))) {
            for (const entry of joiner.push(line)) {
              if (tooLate(entry)) return;
              if (wanted(entry)) yield entry;
            }
          }
          signal?.throwIfAborted();
        }
      }
      const moved = follow ? await replaced(path, file, position) : 'no';
      if (moved !== 'no') {
        await file?.close();
        file = await openLog(path);
        position = 0;
        lines = createSplitter();
        if (file !== undefined) continue;
      }
      if (last) break;
      await wake?.next(signal);
    }
    for (const entry of joiner.flush()) if (wanted(entry) && !tooLate(entry)) yield entry;
  } finally {
    wake?.close();
    await file?.close();
  }
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw LadingError.from(error, Code.Internal);
  }
}

/** Whether the path now names another file than the one that is open, or the file was cut. */
async function replaced(path: string, file: FileHandle | undefined, position: number): Promise<'no' | 'yes'> {
  try {
    const now = await stat(path);
    if (file === undefined) return 'yes';
    const held = await file.stat();
    return now.ino !== held.ino || now.dev !== held.dev || now.size < position ? 'yes' : 'no';
  } catch (error) {
    if (isMissing(error)) return 'no';
    throw LadingError.from(error, Code.Internal);
  }
}

function createSplitter(): { push(chunk: Uint8Array): Generator<Uint8Array, void, void> } {
  let held: Uint8Array = new Uint8Array();
  let skipping = false;
  return {
    *push(chunk) {
      let from = 0;
      for (;;) {
        const at = chunk.indexOf(newline, from);
        if (at < 0) break;
        if (!skipping) {
          const piece = chunk.subarray(from, at);
          yield held.length > 0 ? Buffer.concat([held, piece]) : piece;
        }
        skipping = false;
        held = new Uint8Array();
        from = at + 1;
      }
      if (skipping || from >= chunk.length) return;
      held = Buffer.concat([held, chunk.subarray(from)]);
      if (held.length > recordLimit) {
        held = new Uint8Array();
        skipping = true;
      }
    },
  };
}

/** Wakes at changes in the file's folder (so that a new file is seen too), and every so often. */
function watchFile(path: string): { next(signal?: AbortSignal): Promise<void>; close(): void } {
  let changed = false;
  let resolve: (() => void) | undefined;
  const ring = (): void => {
    changed = true;
    resolve?.();
  };
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, ring);
    // The folder may be removed with its container; the timer still runs.
    watcher.on('error', ring);
  } catch (error) {
    // No folder, or no watches left (ENOSPC): polling alone will do.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  return {
    async next(signal) {
      if (!changed) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, pollMs);
          resolve = () => {
            clearTimeout(timer);
            done();
          };
          signal?.addEventListener('abort', resolve, { once: true });
        });
        if (resolve !== undefined) signal?.removeEventListener('abort', resolve);
        resolve = undefined;
      }
      changed = false;
    },
    close: () => watcher?.close(),
  };
}
