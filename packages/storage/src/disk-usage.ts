// SPDX-License-Identifier: Apache-2.0
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { Code, hasCode, LadingError } from '@lading/errors';
import { checkSignal } from './turn.ts';

/** What a folder takes, as `du --apparent-size` without the folders' own sizes, and as all tools count it. */
export interface DiskUsage {
  /** Lengths of files and links; one with several names counts once. */
  readonly bytes: number;
  /** Files, links and folders, the uppermost among them. */
  readonly inodes: number;
}

const slash = Buffer.from('/');
const atOnce = 32;

/** Measures a folder. What is removed meanwhile is passed over. */
export async function diskUsage(folder: string, signal?: AbortSignal): Promise<DiskUsage> {
  const seen = new Set<number>();
  let bytes = 0;
  const folders: Buffer[] = [Buffer.from(folder)];
  await count(Buffer.from(folder));
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    checkSignal(signal);
    const here = Buffer.concat([path, slash]);
    const entries: Dirent<Buffer>[] =
      (await unlessGone(readdir(path, { withFileTypes: true, encoding: 'buffer' }))) ?? [];
    for (let start = 0; start < entries.length; start += atOnce) {
      const some = entries.slice(start, start + atOnce);
      await Promise.all(some.map(({ name }) => count(Buffer.concat([here, name]))));
    }
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(Buffer.concat([here, entry.name]));
    }
  }
  return { bytes, inodes: seen.size };

  async function count(path: Buffer): Promise<void> {
    const stat = await unlessGone(lstat(path));
    if (stat === undefined || seen.has(stat.ino)) return;
    seen.add(stat.ino);
    if (!stat.isDirectory()) bytes += stat.size;
  }
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
