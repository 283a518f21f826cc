// SPDX-License-Identifier: Apache-2.0
import { isRetryable, pauseFor, type RetryOptions } from './retry.ts';

/** Connections that carried this much together before they broke are worth as many tries as a new one. */
const goodProgressBytes: number = 256 * 1024;
/** How often in a row a registry may take nothing of what it is sent, or lose its place. */
export const mostStalls = 5;

/** The breaks of one transfer, which goes on where it broke. */
export interface Breaks {
  /** How far it has come: with enough since the last time the breaks before are forgiven. */
  reached(offset: number): void;
  /** It begins anew, which is no reason to forgive. */
  restarted(): void;
  /** Whether the registry may be asked once more where it stands, because it says that it is elsewhere. */
  mayResync(): boolean;
  /** Waits until the next try. @throws the error, where there is none to be */
  pause(error: unknown, signal: AbortSignal | undefined): Promise<void>;
}

export function createBreaks(retry: RetryOptions, startOffset = 0): Breaks {
  const { attempts = 4 } = retry;
  let breaks = 0;
  let resyncs = 0;
  let goodOffset = startOffset;
  return {
    reached(offset) {
      if (offset - goodOffset < goodProgressBytes) return;
      goodOffset = offset;
      breaks = resyncs = 0;
    },
    restarted() {
      goodOffset = 0;
    },
    mayResync() {
      resyncs += 1;
      return resyncs <= mostStalls;
    },
    async pause(error, signal) {
      breaks += 1;
      if (signal?.aborted || !isRetryable(error) || breaks >= attempts) throw error;
      await pauseFor(retry, error, breaks, signal);
    },
  };
}
