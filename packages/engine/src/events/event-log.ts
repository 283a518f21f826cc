// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, closeSync, openSync, readSync, renameSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Locks } from '../state/locks.ts';
import type { EngineEvent, EventLogOptions } from '../types/events.ts';

/** Events of all processes, a line of JSON each. */
export interface EventLog {
  append(event: EngineEvent): void;
  read(options?: EventLogOptions): AsyncGenerator<EngineEvent, void, void>;
}

/** A file that has grown so far becomes the one before, and the one before that goes. */
const limitBytes = 1 << 20;

/** What a timer can count; a longer one would end at once. */
const timerLimitMs = 2 ** 31 - 1;

/** Two files of a megabyte at most, so that they are read as a whole. */
export function openEventLog(path: string, locks: Locks): EventLog {
  const before = `${path}.1`;

  /** Under a lock: of two that do it at the same time one would take away what the other has kept. */
  async function rotate(): Promise<void> {
    await locks.tryHold('events', async () => {
      if ((statOf(path)?.size ?? 0) >= limitBytes) renameSync(path, before);
    });
  }

  /** Gives what has come since it was called last. */
  function createReader(): () => readonly EngineEvent[] {
    let place: { readonly ino: number; readonly offset: number } | undefined;
    const from = (file: string, offset: number): readonly EngineEvent[] => {
      const { ino, bytes } = readRest(file, offset);
      const end = bytes.lastIndexOf(0x0a) + 1; // a line may be half there
      if (ino !== undefined) place = { ino, offset: offset + end };
      return bytes.subarray(0, end).toString().split('\n').map(parseEvent).filter(isThere);
    };
    return () => {
      const last = place;
      if (last !== undefined && last.ino === statOf(path)?.ino) return from(path, last.offset);
      // It was moved away since, or nothing was read yet.
      const isBefore = last === undefined || statOf(before)?.ino === last.ino;
      const rest = isBefore ? from(before, last?.offset ?? 0) : [];
      return [...rest, ...from(path, 0)];
    };
  }

  return {
    append(event) {
      try {
        // One call: lines of several processes do not mix.
        appendFileSync(path, `${JSON.stringify(event)}\n`, { mode: 0o600 });
      } catch {
        return; // What has happened has happened: a full disk must not make a failure of it.
      }
      // When it fails the next event tries again.
      if ((statOf(path)?.size ?? 0) >= limitBytes) rotate().catch(() => {});
    },
    async *read({ since, until, follow = false, signal } = {}) {
      const [from, to] = [since?.toISOString() ?? '', until?.toISOString() ?? '~'];
      const read = createReader();
      for await (const _ of follow ? changesOf(path, until, signal) : [undefined]) {
        yield* read().filter(({ time }) => time >= from && time <= to);
      }
    },
  };
}

/** Once at first, for each change of the files, and once when the time is over. */
async function* changesOf(
  path: string,
  until: Date | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<void, void, void> {
  const left = until === undefined ? Number.POSITIVE_INFINITY : until.getTime() - Date.now();
  const over = left > timerLimitMs ? undefined : AbortSignal.timeout(Math.max(0, left));
  const ended = AbortSignal.any([signal, over].filter(isThere));
  let isChanged = true;
  let wake = (): void => {};
  // From here on, not from when the next change is asked for: what comes between the two counts.
  const watcher = watch(dirname(path), { signal: ended }, (_kind, filename) => {
    if (filename === null || !filename.startsWith(basename(path))) return;
    isChanged = true;
    wake();
  });
  ended.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!ended.aborted) {
      if (isChanged) {
        isChanged = false;
        yield;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    watcher.close();
  }
  signal?.throwIfAborted();
  yield;
}

function readRest(file: string, offset: number): { ino: number | undefined; bytes: Buffer } {
  const stat = statOf(file);
  if (stat === undefined) return { ino: undefined, bytes: Buffer.alloc(0) };
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, stat.size - offset));
    const length = readSync(fd, bytes, 0, bytes.length, offset);
    return { ino: stat.ino, bytes: bytes.subarray(0, length) };
  } finally {
    closeSync(fd);
  }
}

function statOf(path: string): { readonly ino: number; readonly size: number } | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Undefined for what is no event: a full disk may have cut a line. */
function parseEvent(line: string): EngineEvent | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isEvent(value: unknown): value is EngineEvent {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'time' in value && typeof value.time === 'string' && 'type' in value && 'action' in value && 'id' in value
  );
}
