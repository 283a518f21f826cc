// SPDX-License-Identifier: Apache-2.0
import { call } from './libc.ts';

/**
 * Ends the process as `_exit` does: no listener is called, and nothing is waited for or put back as it was.
 *
 * @param code 0-255
 * @throws LadingError `unimplemented` on other systems than Linux
 * @example
 * ```ts
 * import { exitAtOnce } from '@lading/linux';
 *
 * process.once('exit', exitAtOnce); // the last of them
 * ```
 */
export function exitAtOnce(code: number): void {
  call('', '_exit', code);
}
