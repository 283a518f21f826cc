// SPDX-License-Identifier: Apache-2.0
import type { ReadRange } from './open-table.ts';
import type { ChunkedFile } from './parse-table.ts';
import { tableFault } from './table-fault.ts';

/** Bytes of a blob that are fetched with one request. */
export interface BlobRun {
  readonly start: number;
  readonly end: number;
}

/** What lies between two files is fetched too where that takes less time than another request. */
const gapBytes = 256 << 10;

/** Joins files, which are in the order of the blob, to runs. */
export function runsOf(files: Iterable<Pick<ChunkedFile, 'start' | 'end'>>): readonly BlobRun[] {
  const runs: { start: number; end: number }[] = [];
  for (const { start, end } of files) {
    const last = runs.at(-1);
    if (last !== undefined && start - last.end <= gapBytes) last.end = end;
    else runs.push({ start, end });
  }
  return runs;
}

/** Reads files one after the other, in the order of the blob. */
export interface RunReader {
  read(file: BlobRun): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

export function createRunReader(runs: readonly BlobRun[], read: ReadRange): RunReader {
  let open: { readonly run: BlobRun; readonly chunks: AsyncIterator<Uint8Array>; at: number } | undefined;
  let rest: Uint8Array = new Uint8Array();

  async function close(): Promise<void> {
    const chunks = open?.chunks;
    open = undefined;
    rest = new Uint8Array();
    await chunks?.return?.();
  }

  /** Up to so many of the next bytes. */
  async function next(chunks: AsyncIterator<Uint8Array>, most: number): Promise<Uint8Array> {
    while (rest.length === 0) {
      const result = await chunks.next();
      if (result.done === true) throw tableFault('fewer bytes came than were asked for');
      rest = result.value;
    }
    const taken = rest.subarray(0, most);
    rest = rest.subarray(taken.length);
    return taken;
  }

  return {
    async *read({ start, end }) {
      if (open === undefined || start < open.at || end > open.run.end) {
        await close();
        const run = runs.find((each) => each.start <= start && end <= each.end);
        if (run === undefined) throw tableFault('it is not in the order of the archive');
        open = { run, chunks: read(run.start, run.end)[Symbol.asyncIterator](), at: run.start };
      }
      const here = open;
      while (here.at < start) here.at += (await next(here.chunks, start - here.at)).length;
      while (here.at < end) {
        const bytes = await next(here.chunks, end - here.at);
        here.at += bytes.length;
        yield bytes;
      }
    },
    close,
  };
}
