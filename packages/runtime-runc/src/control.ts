// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import type { TerminalSize } from './attach-types.ts';

/** conmon 2.2 refuses more. */
const largestSide = 1000;
const reopenDeadlineMs = 10_000;

/** Sets the size of the container's terminal. */
export async function resizeTerminal(bundle: string, size: TerminalSize): Promise<void> {
  const [rows, columns] = [size.rows, size.columns].map((side) => {
    if (Number.isSafeInteger(side) && side > 0) return Math.min(side, largestSide);
    throw new LadingError(Code.InvalidArgument, `a terminal of ${size.columns}x${size.rows} cannot be`);
  });
  await command(bundle, `1 ${rows} ${columns}\n`);
}

/** Asks for a new log file, and waits until one is in its place. */
export async function reopenLogFile(bundle: string, logPath: string): Promise<void> {
  const before = await inodeOf(logPath);
  await command(bundle, '2 0 0\n');
  const deadline = Date.now() + reopenDeadlineMs;
  for (;;) {
    const now = await inodeOf(logPath);
    if (now !== undefined && now !== before) return;
    if (Date.now() > deadline) {
      throw new LadingError(Code.DeadlineExceeded, `the monitor did not open ${logPath} within 10 s`);
    }
    await sleep(5);
  }
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT') return undefined;
    throw failure;
  }
}

async function command(bundle: string, line: string): Promise<void> {
  try {
    // Without waiting for a reader: when the monitor is gone the open fails at once.
    await using fifo = await open(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
    // In one write: the monitor reads a command at a time.
    await fifo.write(line);
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (errno !== 'ENXIO' && errno !== 'ENOENT') throw LadingError.from(cause, Code.Internal);
    throw new LadingError(
      Code.FailedPrecondition,
      `no monitor listens in ${bundle}; has the container ended?`,
      {
        reason: 'MONITOR_GONE',
        cause,
      },
    );
  }
}
