// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import type { Flags } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';

const first = 3;

/** `--preserve-fds N`: as many descriptors, from 3 on, as whoever started this program has opened for it. */
export function readPreservedFds(flags: Flags): readonly number[] {
  const fds = Array.from({ length: flags.number('preserve-fds') ?? 0 }, (_, index) => first + index);
  const missing = fds.find((fd) => !isGiven(fd));
  if (missing === undefined) return fds;
  throw new LadingError(
    Code.InvalidArgument,
    `file descriptor ${missing} is not available - the preserve-fds option requires that file descriptors must be passed`,
  );
}

/** Node's own event queue is the first that it opens, and so has the lowest number that was free. */
function isGiven(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) !== 'anon_inode:[eventpoll]';
  } catch (reason) {
    if (hasCode(LadingError.from(reason), Code.NotFound)) return false;
    throw reason;
  }
}
