// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import type { ArchiveRequest, FromArchiver, ToArchiver } from './archive-messages.ts';
import { errorOf } from './thread-failure.ts';
import { createThreadPool } from './thread-pool.ts';
import { travellingMemory } from './travelling-memory.ts';

/** One is as fast as what is done with the archives: compressing them takes the other processors. */
const archivers = createThreadPool<ToArchiver, FromArchiver>({ kind: 'archive', mostThreads: 1 });

/** For the archive to come. */
export function startArchiver(): void {
  archivers.warmUp();
}

/** An archive that another thread puts together and checks. */
export function readOnThread(request: ArchiveRequest): {
  readonly chunks: AsyncGenerator<Uint8Array>;
  recycle(chunk: Uint8Array): void;
} {
  const free: ArrayBuffer[] = [];
  return {
    chunks: read(request, free),
    recycle: ({ buffer }) => void (buffer instanceof ArrayBuffer && free.push(buffer)),
  };
}

async function* read(request: ArchiveRequest, free: ArrayBuffer[]): AsyncGenerator<Uint8Array> {
  const arrived: (FromArchiver | LadingError)[] = [];
  let wake: (() => void) | undefined;
  const arrive = (message: FromArchiver | LadingError): void => {
    arrived.push(message);
    wake?.();
  };
  const seat = archivers.takeSeat({ onMessage: arrive, onCrash: arrive });
  seat.post({ type: 'open', request });
  try {
    for (;;) {
      const message = arrived.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (message instanceof LadingError) throw message;
      else if (message.type === 'failed') throw errorOf(message);
      else if (message.type === 'end') return;
      else {
        travellingMemory.add(message.bytes);
        yield new Uint8Array(message.bytes, 0, message.size);
        const bytes = free.pop();
        seat.post({ type: 'wanted', bytes }, bytes === undefined ? [] : [bytes]);
      }
    }
  } finally {
    seat.post({ type: 'close' });
    seat.leave();
  }
}
