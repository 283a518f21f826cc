// SPDX-License-Identifier: Apache-2.0
import type { ArchiveRequest } from './archive-messages.ts';
import { assembledPieceBytes, assembleTar } from './assemble-tar.ts';
import { openFileIn } from './open-file-in.ts';

/** How many pieces are under way at once: one is read while others are compressed. */
const piecesAhead = 4;

/** An archive that this thread puts together. */
export interface ArchiveJob {
  /** One more piece may be sent, in this memory. */
  want(bytes: ArrayBuffer | undefined): void;
  /** Ends it before the next piece. */
  stop(): void;
  /** Fails with what is wrong with the archive. */
  readonly done: Promise<void>;
}

/** @param send takes the memory of a piece, which is not used here any more, and the number of its bytes */
export function startArchiveJob(
  { tarSplitFile, folders }: ArchiveRequest,
  send: (bytes: ArrayBuffer, size: number) => void,
): ArchiveJob {
  const free: ArrayBuffer[] = [];
  let wanted = piecesAhead;
  let isStopped = false;
  let wake: (() => void) | undefined;
  const notice = (): void => {
    wake?.();
    wake = undefined;
  };

  async function run(): Promise<void> {
    const newPiece = (): Buffer<ArrayBuffer> =>
      Buffer.from(free.pop() ?? new ArrayBuffer(assembledPieceBytes));
    const pieces = assembleTar(tarSplitFile, openFileIn(folders), { newPiece });
    for await (const piece of pieces) {
      while (wanted === 0 && !isStopped) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isStopped) return;
      wanted -= 1;
      send(piece.buffer as ArrayBuffer, piece.length);
    }
  }

  return {
    want(bytes) {
      if (bytes !== undefined) free.push(bytes);
      wanted += 1;
      notice();
    },
    stop() {
      isStopped = true;
      notice();
    },
    done: run(),
  };
}
