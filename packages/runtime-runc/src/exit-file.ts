// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { access, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { ExitStatus } from './exit-types.ts';
import type { ContainerFolders } from './folders.ts';

/** Exit code of an end that nobody saw; also what podman says then. */
const unseen = 255;

/** The end that the monitor recorded; undefined when it has not. */
export async function readExitFile(folders: ContainerFolders): Promise<ExitStatus | undefined> {
  let text: string;
  let finished: Date;
  try {
    text = await readFile(folders.exitFile, 'utf8');
    finished = (await stat(folders.exitFile)).mtime;
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
    oomKilled: await exists(folders.oomFile),
    finishedAt: finished.toISOString(),
  };
}

/** Records an end that the monitor did not live to see, so that everyone who asks gets the same answer. */
export async function recordUnseenEnd(folders: ContainerFolders): Promise<void> {
  const temporary = join(folders.notes, `exit-${process.pid}`);
  await mkdir(dirname(temporary), { recursive: true, mode: 0o700 });
  await writeFile(temporary, String(unseen), { mode: 0o600 });
  try {
    // Not renamed: what another process has recorded meanwhile stays.
    await link(temporary, folders.exitFile);
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason !== 'EEXIST') throw failure;
  } finally {
    await rm(temporary, { force: true });
  }
}

export function forgetContainer(folders: ContainerFolders): void {
  rmSync(folders.exitFile, { force: true });
  rmSync(folders.notes, { recursive: true, force: true });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT' || failure.reason === 'ENOTDIR') return false;
    throw failure;
  }
}
