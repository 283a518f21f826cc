// SPDX-License-Identifier: Apache-2.0

/** Calls back once nothing has been touched for the given time. */
export interface IdleTimer extends Disposable {
  touch(): void;
}

export function createIdleTimer(timeoutMs: number, onIdle: () => void): IdleTimer {
  const timer = setTimeout(onIdle, timeoutMs);
  return { touch: () => void timer.refresh(), [Symbol.dispose]: () => clearTimeout(timer) };
}
