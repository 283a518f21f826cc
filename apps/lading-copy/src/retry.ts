// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { type CommandCall, singleLine } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';

/** What may pass by itself. */
const passing: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.ResourceExhausted,
  Code.Aborted,
]);

/** The reason of the error of {@link signalOf}, which is the cause of what it ends. */
const timedOut = 'COMMAND_TIMEOUT';

/** The message, with what the limit of time has to do with it: what was ended says only that. */
export function withTimeout(error: LadingError): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof LadingError) || (cause as LadingError).reason !== timedOut) continue;
    return error.message.includes(cause.message) ? error.message : `${error.message}: ${cause.message}`;
  }
  return error.message;
}

/** The signal of the call, ended also by `--command-timeout`. */
export function signalOf({ flags, environment }: CommandCall): AbortSignal {
  const limit = flags.durationMs('command-timeout');
  if (limit === undefined || limit <= 0) return environment.signal;
  const timeout = new AbortController();
  const late = new LadingError(
    Code.DeadlineExceeded,
    `it took longer than --command-timeout allows (${limit / 1000} s)`,
    { reason: timedOut },
  );
  setTimeout(() => timeout.abort(late), limit).unref();
  return AbortSignal.any([environment.signal, timeout.signal]);
}

/** Runs `action` again after failures that may pass, as `--retry-times` and `--retry-delay` say. */
export async function withRetries<T>(
  call: CommandCall,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  const { flags, environment } = call;
  const times = flags.int('retry-times') ?? 0;
  for (let tried = 0; ; tried++) {
    try {
      return await action();
    } catch (reason) {
      const error = LadingError.from(reason);
      if (tried >= times || signal.aborted || !passing.has(error.code)) throw error;
      const delayMs = flags.durationMs('retry-delay') || 1000 * 2 ** Math.min(tried, 10);
      await environment.stderr(
        `Warning: failed, retrying in ${delayMs / 1000} s ... (${tried + 1}/${times}). ${singleLine(error.message)}\n`,
      );
      await pause(delayMs, undefined, { signal });
    }
  }
}
