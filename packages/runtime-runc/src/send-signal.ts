// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** Silent when there is no such process any more. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason !== 'ESRCH') throw failure;
  }
}
