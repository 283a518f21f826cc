// SPDX-License-Identifier: Apache-2.0
import { call } from './libc.ts';

/** The kernel gives no more at once without a break. */
const limitBytes = 256;

/**
 * Random bytes of the kernel, for names and ids. `node:crypto` gives them too, but takes as long to load as a short
 * command may take.
 *
 * @param size at most 256
 * @throws LadingError `unimplemented` on other systems than Linux
 * @example
 * ```ts
 * import { randomBytes } from '@lading/linux';
 *
 * console.log(randomBytes(32).toString('hex').length); // → 64
 * ```
 */
export function randomBytes(size: number): Buffer {
  if (size > limitBytes)
    throw new RangeError(`${size} random bytes: at most ${limitBytes} are given at once`);
  const bytes = Buffer.alloc(size);
  call('for random bytes', 'getrandom', bytes, size, 0);
  return bytes;
}
