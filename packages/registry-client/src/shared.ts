// SPDX-License-Identifier: Apache-2.0
import { canceled } from './errors.ts';

/**
 * Waits for work that several callers share. An aborted signal ends this caller's wait, not the work: it is
 * another caller's too.
 */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(canceled('the request was canceled', signal));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
