// SPDX-License-Identifier: Apache-2.0
import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives a folder and all below it to an owner; links themselves, never what they lead to. */
export async function changeOwner(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const entry of entries) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await changeOwner(child, uid, gid);
    else await lchown(child, uid, gid);
  }
}
