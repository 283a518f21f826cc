// SPDX-License-Identifier: Apache-2.0
import { call } from './libc.ts';

const getAttributes = 0x5401; // TCGETS
const setAttributes = 0x5402; // TCSETS
const outputFlags = 4; // where they are in struct termios
const processOutput = 1; // OPOST

/**
 * Has a terminal show what is written to it as it is. Node's raw mode is about the input: a line end still goes to the
 * first column, which breaks the screen of a program that sits at another terminal and moves down by it. Leaving raw
 * mode undoes it.
 *
 * @param fd an open descriptor of the terminal
 * @throws LadingError when it is no terminal
 * @example
 * ```ts
 * import { keepLineEnds } from '@lading/linux';
 *
 * process.stdin.setRawMode(true);
 * keepLineEnds(0);
 * ```
 */
export function keepLineEnds(fd: number): void {
  const attributes = Buffer.alloc(64); // struct termios
  call('for the mode of a terminal', 'ioctl', fd, getAttributes, attributes);
  const flags = attributes.readUInt32LE(outputFlags);
  attributes.writeUInt32LE((flags & ~processOutput) >>> 0, outputFlags);
  call('for the mode of a terminal', 'ioctl', fd, setAttributes, attributes);
}
