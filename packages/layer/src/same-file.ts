// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, constants, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FoundFile } from './file-entry.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { unreadable } from './walk-tree.ts';

const nsPerSecond = 1_000_000_000n;

/** A tar keeps whole seconds: a time without a part below them is the same as any in its second. */
function isSameTime(a: bigint, b: bigint): boolean {
  if (a === b) return true;
  return a / nsPerSecond === b / nsPerSecond && (a % nsPerSecond === 0n || b % nsPerSecond === 0n);
}

/** True when owner, mode, times and extended attributes of two folders are the same. */
export function isSameFolder(before: FoundFile, after: FoundFile): boolean {
  return isSameStat(before.stat, after.stat) && hasSameXattrs(before.path, after.path);
}

/**
 * True when nothing that a layer holds of a file differs. The content of files that look the same is compared where
 * their times cannot tell: builds that set all times to the same second make other content of the same size.
 */
export async function isSameFile(
  before: FoundFile,
  after: FoundFile,
  signal?: AbortSignal,
): Promise<boolean> {
  const [a, b] = [before.stat, after.stat];
  if (!isSameStat(a, b)) return false;
  if (b.isFile() && a.size !== b.size) return false;
  if ((b.isCharacterDevice() || b.isBlockDevice()) && a.rdev !== b.rdev) return false;
  // The time of a change of status cannot be set: one file, seen through two mounts of overlay.
  if (a.ino === b.ino && a.ctimeNs === b.ctimeNs && a.mtimeNs === b.mtimeNs) return true;
  if (!hasSameXattrs(before.path, after.path)) return false;
  if (b.isSymbolicLink()) return targetOf(before.path).equals(targetOf(after.path));
  const isDoubtful = a.mtimeNs % nsPerSecond === 0n || b.mtimeNs % nsPerSecond === 0n;
  return !b.isFile() || b.size === 0n || !isDoubtful || (await hasSameContent(before, after, signal));
}

function isSameStat(a: BigIntStats, b: BigIntStats): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && isSameTime(a.mtimeNs, b.mtimeNs);
}

function hasSameXattrs(before: Buffer, after: Buffer): boolean {
  const [a, b] = [keptXattrs(before), keptXattrs(after)];
  return a.size === b.size && [...a].every(([key, value]) => b.get(key)?.equals(value));
}

function targetOf(path: Buffer): Buffer {
  try {
    return readlinkSync(path, { encoding: 'buffer' });
  } catch (error) {
    throw unreadable(path, error);
  }
}

const blockBytes = 256 << 10;

async function hasSameContent(before: FoundFile, after: FoundFile, signal?: AbortSignal): Promise<boolean> {
  await using a = await openFile(before.path);
  await using b = await openFile(after.path);
  const [x, y] = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)];
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const [readX, readY] = await Promise.all([readFully(a, x, at), readFully(b, y, at)]);
    if (!x.subarray(0, readX).equals(y.subarray(0, readY))) return false;
    if (readX < blockBytes) return true;
    at += readX;
  }
}

async function openFile(path: Buffer): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw unreadable(path, error);
    },
  );
}

async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}
