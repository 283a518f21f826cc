// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from '../types/logs.ts';

const space = 0x20;
/** A head is time, stream and tags: far below this in every honest log. */
const headLimit = 128;
const decoder = new TextDecoder();

/** What stands before the text of a record. */
export interface LogHead {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly partial: boolean;
  /** Where the text begins. */
  readonly textAt: number;
}

/**
 * Head of a record `TIME SP STREAM SP TAGS SP TEXT`, the format of CRI and of conmon's k8s-file;
 * undefined for what is not one.
 */
export function parseLogHead(line: Uint8Array): LogHead | undefined {
  const head = line.subarray(0, headLimit);
  const first = head.indexOf(space);
  const second = head.indexOf(space, first + 1);
  if (first <= 0 || second < 0) return undefined;
  // An empty text may come without the space before it.
  const third = head.indexOf(space, second + 1);
  const end = third < 0 ? line.length : third;
  if (end > headLimit) return undefined;
  const time = decoder.decode(line.subarray(0, first));
  const stream = decoder.decode(line.subarray(first + 1, second));
  const tag = decoder.decode(line.subarray(second + 1, end)).split(':')[0];
  if (!/^\d{4}-\d\d-\d\dT/.test(time)) return undefined;
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  if (tag !== 'F' && tag !== 'P') return undefined;
  return { time, stream, partial: tag === 'P', textAt: third < 0 ? line.length : third + 1 };
}

/** Puts the pieces of long lines together again, up to `limitBytes` a piece. */
export function createLineJoiner(limitBytes: number = 1024 * 1024): {
  push(line: Uint8Array): LogEntry[];
  /** What was never ended. */
  flush(): LogEntry[];
} {
  const open = new Map<string, { time: string; pieces: Uint8Array[]; size: number }>();

  function close(stream: 'stdout' | 'stderr', partial: boolean): LogEntry[] {
    const held = open.get(stream);
    open.delete(stream);
    return held === undefined ? [] : [{ time: held.time, stream, text: Buffer.concat(held.pieces), partial }];
  }

  return {
    push(line) {
      const head = parseLogHead(line);
      if (head === undefined) return [];
      const { stream } = head;
      const held = open.get(stream) ?? { time: head.time, pieces: [], size: 0 };
      open.set(stream, held);
      // A copy: the caller's buffer is used again.
      held.pieces.push(line.slice(head.textAt));
      held.size += line.length - head.textAt;
      if (!head.partial) return close(stream, false);
      return held.size >= limitBytes ? close(stream, true) : [];
    },
    flush: () => [...close('stdout', true), ...close('stderr', true)],
  };
}
