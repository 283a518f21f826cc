// SPDX-License-Identifier: Apache-2.0

import { Code, LadingError } from '@lading/errors';
import type { SessionLimits } from './pending.ts';

/** Aborts, with the reason, when nothing has been touched for too long, or the server ends. */
export interface SessionEnd extends Disposable {
  touch(): void;
  readonly signal: AbortSignal;
}

export function watchSession({ idleTimeoutMs, ending }: SessionLimits): SessionEnd {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    const seconds = idleTimeoutMs / 1000;
    idle.abort(new LadingError(Code.DeadlineExceeded, `nothing has moved for ${seconds} seconds`));
  }, idleTimeoutMs);
  return {
    touch: () => void timer.refresh(),
    signal: AbortSignal.any([idle.signal, ending]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
