// SPDX-License-Identifier: Apache-2.0
import { readSizes } from './resize.ts';
import { type Outcome, outcomeMessage } from './status.ts';
import type { AttachStreaming, ExecStreaming, Sink } from './types.ts';

/** The client's end of an exec or attach, whatever the transport. */
export interface ProcessChannels {
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly stdout?: Sink | undefined;
  readonly stderr?: Sink | undefined;
  /** JSON, in pieces of any size. */
  readonly resize?: AsyncIterable<Uint8Array> | undefined;
  readonly error: Sink;
  /** From v4 of the protocol on. */
  readonly hasStatus: boolean;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Aborts, with the reason for the client, when this side ends the session. */
  readonly cut: AbortSignal;
}

/** Runs the process on the channels, and tells the client how it ended: on every way out. */
export async function serveProcess(
  channels: ProcessChannels,
  request: ExecStreaming | AttachStreaming,
): Promise<void> {
  const { stdin, stdout, stderr, resize, signal, cut } = channels;
  let outcome: Outcome;
  try {
    const running = request.run({
      ...(stdin && { stdin }),
      ...(stdout && { stdout }),
      ...(stderr && { stderr }),
      ...(resize && { resizes: readSizes(resize) }),
      signal: AbortSignal.any([signal, cut]),
    });
    const result = await Promise.race([running, failureOf(cut)]);
    outcome = { exitCode: result?.exitCode ?? 0 };
  } catch (failure) {
    outcome = { failure };
  }
  const message = outcomeMessage(outcome, channels.hasStatus);
  if (message !== undefined) await channels.error(Buffer.from(message));
}

/** Never resolves. A client takes silence for success, so one that is sent away is told, whatever becomes of the process. */
function failureOf(cut: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (cut.aborted) reject(cut.reason);
    cut.addEventListener('abort', () => reject(cut.reason), { once: true });
  });
}
