// SPDX-License-Identifier: Apache-2.0
import type { Transform } from 'node:stream';

/** Waits until a stream takes more, or will never do so again, also because it was destroyed without an error. */
export function takesMore(stream: Transform): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  const events = ['drain', 'end', 'close', 'error'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
