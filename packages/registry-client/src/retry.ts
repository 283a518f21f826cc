// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, type LadingError } from '@lading/errors';
import { canceled } from './errors.ts';

/** How often and how patiently a request is repeated. */
export interface RetryOptions {
  /** Tries in all, the first included. Default: 4. */
  readonly attempts?: number;
  /** How long to wait between two tries where the server does not say. Default: half a second, doubled each time. */
  readonly delayMs?: number | undefined;
  /** Waits between two tries; rejects when the signal is aborted. Default: a timer. */
  readonly pause?: (waitMs: number, signal?: AbortSignal) => Promise<void>;
}

/** A server that asks for a longer pause than this is not waited for: the caller hears of it at once. */
export const longestPauseMs = 60_000;
const firstPauseMs = 500;

/** A name that does not resolve and a port that nobody listens on are seldom there a second later. */
const hopeless: ReadonlySet<string> = new Set(['ENOTFOUND', 'ECONNREFUSED']);

/** True for failures that may pass by themselves: broken connections, timeouts, 408, 429, 5xx. */
export function isRetryable(error: unknown): error is LadingError {
  if (hasCode(error, Code.Unavailable)) return !hopeless.has(error.reason ?? '');
  if (hasCode(error, Code.ResourceExhausted)) return error.details?.status === 429;
  return hasCode(error, Code.DeadlineExceeded);
}

/**
 * Runs `operation` until it succeeds, fails for good or has had its tries. Pauses double from half a second,
 * with some chance in them so that many clients do not come back at once; Retry-After goes before that.
 *
 * Only for what may happen twice: a request that was not answered may have been carried out.
 */
export async function withRetries<T>(
  options: RetryOptions,
  signal: AbortSignal | undefined,
  operation: () => Promise<T>,
): Promise<T> {
  const { attempts = 4 } = options;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await operation();
    } catch (error) {
      if (signal?.aborted || !isRetryable(error) || attempt >= attempts) throw error;
      await pauseFor(options, error, attempt, signal);
    }
  }
}

/** Throws `canceled` when the signal is aborted already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw canceled('the request was canceled', signal);
}

/** Waits after a failed try, unless the server asks for too long a pause: then it throws the error. */
export async function pauseFor(
  { pause = timerPause, delayMs }: RetryOptions,
  error: LadingError,
  attempt: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waitMs = pauseAfter(error, delayMs ?? backoffMs(attempt));
  if (waitMs > longestPauseMs) throw error;
  await pause(waitMs, signal);
}

/** How long the server asks to wait after a failed try, or what is usual. */
function pauseAfter(error: LadingError, usualMs: number): number {
  const asked: unknown = error.details?.retryAfterMs;
  return typeof asked === 'number' ? asked : usualMs;
}

/** Half a second, doubled with each attempt, give or take a quarter; `attempt` counts from 1. */
export function backoffMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
}

/** The default pause of {@link RetryOptions}. */
export function timerPause(waitMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      end();
      if (signal !== undefined) reject(canceled('the pause before a request was canceled', signal));
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, waitMs);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}
