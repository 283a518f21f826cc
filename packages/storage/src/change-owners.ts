// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, closeSync, constants, openSync } from 'node:fs';
import { chmod, lchown, link, lstat, readdir, unlink } from 'node:fs/promises';
import { LadingError } from '@lading/errors';
import { getXattr, setTimes, setXattr } from '@lading/linux';
import type { Owner } from './map-owner.ts';
import { checkSignal } from './turn.ts';

const slash = Buffer.from('/');
const atOnce = 16;
const mostPathBytes = 2048;
const setIdBits = 0o6000;
const capability = 'security.capability';

/**
 * Gives everything in a folder another owner, but not the folder itself. Nobody else may write there. What the kernel
 * takes away with the owner is put back: setuid bits and capabilities. Names of one file stay names of one file, also in
 * an overlay, which copies each of them up for itself.
 */
export async function changeOwners(
  folder: string,
  newOwner: (owner: Owner) => Owner,
  signal: AbortSignal | undefined,
): Promise<void> {
  /** The first name of each file that has several, by its numbers before the change. */
  const firsts = new Map<string, Buffer>();
  try {
    await changeFolder(Buffer.from(folder));
  } catch (error) {
    throw LadingError.from(error);
  }

  async function changeFolder(path: Buffer): Promise<void> {
    const folders: Buffer[] = [];
    await within(path, async (here) => {
      const linked: (readonly [name: Buffer, stats: BigIntStats])[] = [];
      const names = await readdir(here, { encoding: 'buffer' });
      for (let start = 0; start < names.length; start += atOnce) {
        checkSignal(signal);
        await allEnded(
          names.slice(start, start + atOnce).map(async (name) => {
            const stats = await lstat(join(here, name), { bigint: true });
            if (stats.isDirectory()) folders.push(name);
            if (!stats.isDirectory() && stats.nlink > 1n) linked.push([name, stats]);
            else await changeOwner(join(here, name), stats);
          }),
        );
      }
      if (linked.length === 0) return;
      const before = await lstat(here, { bigint: true });
      // One after the other: the second name of a file must be looked at when the first is changed.
      for (const [name, stats] of linked) await changeLinked(path, here, name, stats);
      setTimes(here, { atimeNs: before.atimeNs, mtimeNs: before.mtimeNs });
    });
    for (const name of folders) await changeFolder(join(path, name));
  }

  async function changeLinked(path: Buffer, here: Buffer, name: Buffer, stats: BigIntStats): Promise<void> {
    const place = join(here, name);
    const key = `${stats.dev}.${stats.ino}`;
    const first = firsts.get(key);
    if (first === undefined) {
      if (await changeOwner(place, stats)) firsts.set(key, join(path, name));
      return;
    }
    await unlink(place);
    await within(first, (found) => link(found, place));
  }

  async function changeOwner(place: Buffer, stats: BigIntStats): Promise<boolean> {
    const [uid, gid] = [Number(stats.uid), Number(stats.gid)];
    const owner = newOwner({ uid, gid });
    if (owner.uid === uid && owner.gid === gid) return false;
    const capabilities = stats.isFile() ? capabilitiesOf(place) : undefined;
    await lchown(place, owner.uid, owner.gid);
    const mode = Number(stats.mode) & 0o7777;
    if (!stats.isSymbolicLink() && (mode & setIdBits) !== 0) await chmod(place, mode);
    if (capabilities !== undefined) setXattr(place, capability, capabilities);
    return true;
  }
}

function capabilitiesOf(place: Buffer): Buffer | undefined {
  try {
    return getXattr(place, capability);
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason === 'EOPNOTSUPP') return undefined;
    throw failure;
  }
}

/** Waits for all, also when one fails: none may go on with a descriptor that is closed then, and may be another folder's. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

/** Uses a path that may be longer than the kernel takes, by descriptors of folders on the way. */
async function within<T>(path: Buffer, use: (path: Buffer) => Promise<T>): Promise<T> {
  const end = path.length > mostPathBytes ? path.lastIndexOf(slash, mostPathBytes) : 0;
  if (end <= 0) return use(path);
  const fd = openSync(path.subarray(0, end), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await within(join(Buffer.from(`/proc/self/fd/${fd}`), path.subarray(end + 1)), use);
  } finally {
    closeSync(fd);
  }
}

function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, slash, name]);
}
