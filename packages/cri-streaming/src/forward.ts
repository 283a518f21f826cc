// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { LadingError } from '@lading/errors';
import type { PortForwarding, Sink } from './types.ts';

/** One connection to a port, at the client's end. */
export interface ForwardChannels {
  readonly port: number;
  readonly input: AsyncIterable<Uint8Array>;
  readonly output: Sink;
  readonly error: Sink;
  readonly signal: AbortSignal;
}

/** What the client still has to say something once the port has ended its side, as in other runtimes. */
const graceMs = 1000;

/** Moves bytes both ways until both ends are done. What goes wrong is told on the error channel. Says whether all went well. */
export async function forwardPort(channels: ForwardChannels, dial: PortForwarding['dial']): Promise<boolean> {
  const { port, signal } = channels;
  let connection: Duplex | undefined;
  try {
    connection = await dial(port, signal);
    await join(connection, channels);
    return true;
  } catch (error) {
    if (!signal.aborted) {
      await channels.error(
        Buffer.from(`error forwarding port ${port} in the sandbox: ${LadingError.from(error).message}`),
      );
    }
    return false;
  } finally {
    connection?.destroy();
  }
}

async function join(connection: Duplex, { input, output, signal }: ForwardChannels): Promise<void> {
  const over = Promise.withResolvers<void>();
  const stop = (): void => over.resolve();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  // A side that resets has ended; the loop over what it sends tells.
  connection.on('error', () => {});
  const incoming = (async () => {
    for await (const chunk of input) {
      if (connection.destroyed) return;
      if (!connection.write(chunk))
        await Promise.race([once(connection, 'drain'), once(connection, 'close')]);
    }
    connection.end();
  })();
  const outgoing = (async () => {
    for await (const chunk of connection) if (chunk instanceof Uint8Array) await output(chunk);
  })();
  let timer: NodeJS.Timeout | undefined;
  const answered = outgoing.then(() => {
    timer = setTimeout(stop, graceMs);
  });
  try {
    await Promise.race([Promise.all([incoming, answered]), over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    for (const part of [incoming, answered]) part.catch(() => {});
  }
}
