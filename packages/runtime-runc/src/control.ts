// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
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
    // Looked at first: what a monitor that has ended since has done before counts.
    const gone = await goneMonitor(bundle);
    const now = await inodeOf(logPath);
    if (now !== undefined && now !== before) return;
    if (gone !== undefined) throw gone;
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

/** Why the monitor is asked in vain, when it has ended. */
async function goneMonitor(bundle: string): Promise<LadingError | undefined> {
  try {
    await using _fifo = await openControl(bundle);
    return undefined;
  } catch (error) {
    const failure = controlFailure(bundle, error);
    if (failure.reason === 'MONITOR_GONE') return failure;
    throw failure;
  }
}

async function command(bundle: string, line: string): Promise<void> {
  try {
    await using fifo = await openControl(bundle);
    // In one write: the monitor reads a command at a time.
    await fifo.write(line);
  } catch (error) {
    throw controlFailure(bundle, error);
  }
}

/** Without waiting for a reader: when the monitor is gone the open fails at once. */
async function openControl(bundle: string): Promise<FileHandle> {
  return open(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
}

function controlFailure(bundle: string, cause: unknown): LadingError {
  const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  // The last one: it has ended after the open.
  if (errno !== 'ENXIO' && errno !== 'ENOENT' && errno !== 'EPIPE')
    return LadingError.from(cause, Code.Internal);
  return new LadingError(
    Code.FailedPrecondition,
    `no monitor listens in ${bundle}; has the container ended?`,
    {
      reason: 'MONITOR_GONE',
      cause,
    },
  );
}
