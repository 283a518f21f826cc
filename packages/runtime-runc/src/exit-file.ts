// SPDX-License-Identifier: Apache-2.0
import { accessSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { ExitStatus } from './exit-types.ts';
import type { ContainerFolders } from './folders.ts';

/** Exit code of an end that nobody saw; also what podman says then. */
const unseen = 255;

/** The end that the monitor recorded; undefined when it has not. */
export function readExitFile(folders: ContainerFolders): ExitStatus | undefined {
  let text: string;
  let finished: Date;
  try {
    text = readFileSync(folders.exitFile, 'utf8');
    finished = statSync(folders.exitFile).mtime;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT') return undefined;
    throw failure;
  }
  if (!/^-?\d{1,10}$/.test(text.trim())) {
    throw new LadingError(Code.DataLoss, `exit file ${folders.exitFile} does not hold a number; remove it`);
  }
  const code = Number(text);
  return {
    // The monitor writes -1 when it gave up on the process.
    exitCode: code < 0 ? unseen : code & 0xff,
    oomKilled: exists(folders.oomFile),
    finishedAt: finished.toISOString(),
  };
}

/**
 * Records an end that the monitor did not live to see, so that everyone who asks gets the same answer. Nothing of
 * a container that was forgotten: who did that knows how it ended.
 */
export function recordUnseenEnd(folders: ContainerFolders): void {
  const temporary = join(folders.notes, `exit-${process.pid}`);
  try {
    writeFileSync(temporary, String(unseen), { mode: 0o600 });
    // Not renamed: what another process has recorded meanwhile stays.
    linkSync(temporary, folders.exitFile);
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason !== 'EEXIST' && failure.reason !== 'ENOENT') throw failure;
  } finally {
    rmSync(temporary, { force: true });
  }
}

export function forgetContainer(folders: ContainerFolders): void {
  // In this order: an end is recorded by way of the notes.
  rmSync(folders.notes, { recursive: true, force: true });
  rmSync(folders.exitFile, { force: true });
}

export function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT' || failure.reason === 'ENOTDIR') return false;
    throw failure;
  }
}
