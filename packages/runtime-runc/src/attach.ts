// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { connectSeqpacket, type SeqpacketConnection } from '@lading/linux';
import { canceled, throwIfCanceled } from './abort.ts';
import type { Attachment, AttachStreams } from './attach-types.ts';
import { resizeTerminal } from './control.ts';
import { createDetachFilter } from './detach-filter.ts';
import { feed } from './feed.ts';

/** conmon drops what is beyond in a packet, without a word. */
const inputLimit = 32_768;
const stderrMark = 3;

/** Connects to the socket that the monitor keeps in the bundle. */
export async function attachContainer(
  bundle: string,
  streams: AttachStreams,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Attachment> {
  const { signal } = options;
  throwIfCanceled(signal);
  const connection = await connect(bundle);
  const left = Promise.withResolvers<'detached'>();
  const leave = () => left.resolve('detached');
  const abort = () => signal && left.reject(canceled(signal));
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();

  const over = Promise.withResolvers<void>();
  const output = pumpOutput(connection, streams);
  const input = pumpInput(connection, streams, over.promise);
  const done = (async () => {
    try {
      return await Promise.race([output, left.promise, input]);
    } finally {
      over.resolve();
      signal?.removeEventListener('abort', abort);
      connection.close();
    }
  })();
  // A caller that only closes does not look at it.
  done.catch(() => {});
  return { done, resize: (size) => resizeTerminal(bundle, size), close: leave };
}

async function connect(bundle: string): Promise<SeqpacketConnection> {
  const path = join(bundle, 'attach');
  try {
    return await connectSeqpacket(path);
  } catch (cause) {
    const { reason } = LadingError.from(cause);
    if (reason !== 'ENOENT' && reason !== 'ECONNREFUSED') throw LadingError.from(cause);
    throw new LadingError(
      Code.FailedPrecondition,
      `no monitor listens at ${path}; has the container ended?`,
      {
        reason: 'MONITOR_GONE',
        cause,
      },
    );
  }
}

async function pumpOutput(connection: SeqpacketConnection, streams: AttachStreams): Promise<'ended'> {
  for await (const packet of connection.packets) {
    const sink = packet[0] === stderrMark ? streams.stderr : streams.stdout;
    await sink?.(packet.subarray(1));
  }
  return 'ended';
}

/** Settles only when the attachment is over by it: by the detach keys, or by a failure of the source. */
async function pumpInput(
  connection: SeqpacketConnection,
  streams: AttachStreams,
  over: Promise<void>,
): Promise<'detached'> {
  const never = Promise.withResolvers<never>();
  // Without input nothing is shut down: that would close stdin for other clients, too.
  if (streams.stdin === undefined) return never.promise;
  const filter = createDetachFilter(streams.detachSequence ?? new Uint8Array());
  let detached = false;
  const end = await feed(streams.stdin, over, async (chunk) => {
    const found = filter.push(chunk);
    ({ detached } = found);
    return (await sendAll(connection, found.pass)) && !detached;
  });
  if (detached) return 'detached';
  if (end === 'ended' && (await sendAll(connection, filter.rest()))) connection.shutdownWrite();
  return never.promise;
}

/** False when the monitor has gone; the end of the output tells the caller. */
async function sendAll(connection: SeqpacketConnection, bytes: Uint8Array): Promise<boolean> {
  for (let start = 0; start < bytes.length; start += inputLimit) {
    try {
      await connection.send(bytes.subarray(start, start + inputLimit));
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
  return true;
}

function isGone(error: unknown): boolean {
  const { reason } = LadingError.from(error);
  return reason === 'EPIPE' || reason === 'ECONNRESET' || reason === 'ENOTCONN' || reason === 'EBADF';
}
