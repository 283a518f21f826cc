// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';

const tokenBytes = 16;
const lifetimeMs = 60_000;
const mostPending = 1000;

/** What a URL stands for, until it is used or too old. */
export interface Tokens<T> {
  /** @throws LadingError `resource_exhausted` while 1,000 wait */
  add(value: T): string;
  /** Once: the value is forgotten. */
  take(token: string): T | undefined;
}

/** Tokens that are good for one use within a minute, by a clock that never goes back. */
export function createTokens<T>(nowMs: () => number = () => performance.now()): Tokens<T> {
  const pending = new Map<string, { readonly value: T; readonly endMs: number }>();
  /** The oldest come first in a map. */
  const purge = (): void => {
    for (const [token, { endMs }] of pending) {
      if (endMs > nowMs()) return;
      pending.delete(token);
    }
  };
  return {
    add(value) {
      purge();
      if (pending.size >= mostPending) {
        throw new LadingError(
          Code.ResourceExhausted,
          `${mostPending} streaming URLs wait for their clients; try again in a minute`,
        );
      }
      const token = randomBytes(tokenBytes).toString('base64url');
      pending.set(token, { value, endMs: nowMs() + lifetimeMs });
      return token;
    },
    take(token) {
      purge();
      const found = pending.get(token);
      pending.delete(token);
      return found?.value;
    },
  };
}
