// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { parseLogHead } from './log-line.ts';

const newline = 0x0a;
const blockBytes = 64 * 1024;
/** Of a record no more than this is held; it holds the head. */
const keepBytes = 256;

/** Where to begin reading so that the last `lines` whole lines come; reads from the end, in blocks. */
export async function tailOffset(file: FileHandle, sizeBytes: number, lines: number): Promise<number> {
  if (lines <= 0) return sizeBytes;
  const seen = new Set<string>();
  let found = 0;
  let end = sizeBytes;
  // The beginning of the record whose start lies in a block before.
  let later: Uint8Array = new Uint8Array();
  let laterEnds = sizeBytes;

  const counts = (line: Uint8Array): boolean => {
    const head = parseLogHead(line);
    if (head === undefined) return false;
    // A piece counts only when it is the unended last of its stream.
    const isLine = !head.partial || !seen.has(head.stream);
    seen.add(head.stream);
    return isLine;
  };

  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    if (bytesRead < block.length) return start;
    let stop = block.length;
    for (;;) {
      const at = stop > 0 ? block.lastIndexOf(newline, stop - 1) : -1;
      if (at < 0) break;
      const line = Buffer.concat([block.subarray(at + 1, Math.min(stop, at + 1 + keepBytes)), later]);
      if (line.length > 0 && counts(line)) {
        found += 1;
        if (found > lines) return laterEnds;
      }
      later = new Uint8Array();
      laterEnds = start + at + 1;
      stop = at;
    }
    later = Buffer.concat([block.subarray(0, Math.min(stop, keepBytes)), later]).subarray(0, keepBytes);
    end = start;
  }
  if (later.length > 0 && counts(later)) found += 1;
  return found > lines ? laterEnds : 0;
}
