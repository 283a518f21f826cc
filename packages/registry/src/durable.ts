// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the names in a folder survive a power failure; that of a file is in its folder, not in the file. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder and those above it, durably. Node's own way never ends below /proc, which takes no folders. */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return; // another process was faster
    throw error;
  }
  await syncFolder(dirname(path));
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  return stats?.isDirectory() === true;
}

/** Gives a file that is on disk its name there: after a crash there is the whole file or none. */
export async function publish(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/**
 * The old content or the new one, never a part: also after a crash. What is not finished then lies in the
 * folder for temporary files, which must be on the same disk.
 */
export async function writeWhole(path: string, text: string, temporaryFolder: string): Promise<void> {
  const temporary = join(temporaryFolder, randomUUID());
  try {
    await using file = await open(temporary, 'wx', 0o644);
    await file.writeFile(text);
    await file.datasync();
    await publish(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** True for a system error with this name. */
export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}
