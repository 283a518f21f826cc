// SPDX-License-Identifier: Apache-2.0
import { createContext, runInContext } from 'node:vm';

/**
 * Runs a function, for at most so long; undefined when it was stopped. Only this stops a regular expression, which may
 * try more ways than there is time.
 */
export function withinTime<T extends object>(work: () => T, timeoutMs: number): T | undefined {
  let result: T | undefined;
  const run = (): void => {
    result = work();
  };
  try {
    runInContext('run()', createContext({ run }), { timeout: timeoutMs });
  } catch (error) {
    if (isLate(error)) return undefined;
    throw error;
  }
  return result;
}

/** It may be an Error of the other context. */
function isLate(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
