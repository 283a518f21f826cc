// SPDX-License-Identifier: Apache-2.0
import type { Dirent } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { Code, hasCode, LadingError } from '@lading/errors';

const slash = Buffer.from('/');
const atOnce = 32;

/**
 * Removes a folder with all that is in it, or a file; nothing when it is not there. Names are handled as bytes, since
 * images have names that are no UTF-8. Links are removed, not followed, and it stops at a mount instead of emptying it.
 */
export async function removeTree(path: string): Promise<void> {
  const target = Buffer.from(path);
  const top = await unlessGone(lstat(target));
  if (top === undefined) return;
  if (top.isDirectory()) await removeFolder(target, top.dev);
  else await unlessGone(unlink(target));
}

async function removeFolder(path: Buffer, device: number): Promise<void> {
  const entries: Dirent<Buffer>[] =
    (await unlessGone(readdir(path, { withFileTypes: true, encoding: 'buffer' }))) ?? [];
  for (let start = 0; start < entries.length; start += atOnce) {
    const files = entries.slice(start, start + atOnce).filter((entry) => !entry.isDirectory());
    await Promise.all(files.map((entry) => unlessGone(unlink(join(path, entry.name)))));
  }
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const folder = join(path, entry.name);
    const found = await unlessGone(lstat(folder));
    if (found === undefined) continue;
    if (found.dev !== device) {
      throw new LadingError(Code.FailedPrecondition, `${folder} is on another file system; unmount it first`);
    }
    await removeFolder(folder, device);
  }
  await unlessGone(rmdir(path));
}

function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, slash, name]);
}

async function unlessGone<T>(wait: Promise<T>): Promise<T | undefined> {
  try {
    return await wait;
  } catch (error) {
    const failure = LadingError.from(error);
    if (hasCode(failure, Code.NotFound)) return undefined;
    throw failure;
  }
}
