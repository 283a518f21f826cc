// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { getXattr, listXattrs } from '@lading/linux';
import type { NewEntry } from './tar-encode.ts';

/** An entry and where its content lies. */
export interface TreeEntry extends NewEntry {
  readonly path: Buffer;
}

const slash = Buffer.from('/');

/**
 * Walks a folder in the order of bytes, which is the same everywhere. The folder itself is left out. Files with
 * several names come once, and then as hard links. Sockets are left out: a tar cannot hold them.
 *
 * @param latest times after this one (seconds since 1970) are cut to it
 */
export async function* readTree(root: string, latest: number): AsyncGenerator<TreeEntry> {
  yield* readFolder(Buffer.from(root), Buffer.alloc(0), latest, new Map());
}

async function* readFolder(
  folder: Buffer,
  prefix: Buffer,
  latest: number,
  links: Map<string, Buffer>,
): AsyncGenerator<TreeEntry> {
  const names = await readdir(folder, { encoding: 'buffer' });
  for (const base of names.toSorted(Buffer.compare)) {
    const path = Buffer.concat([folder, slash, base]);
    const name = Buffer.concat([prefix, base]);
    const stat = await lstat(path, { bigint: true });
    const entry = await entryOfFile(path, name, stat, latest, links);
    if (entry !== undefined) yield entry;
    if (stat.isDirectory()) yield* readFolder(path, Buffer.concat([name, slash]), latest, links);
  }
}

async function entryOfFile(
  path: Buffer,
  name: Buffer,
  stat: BigIntStats,
  latest: number,
  links: Map<string, Buffer>,
): Promise<TreeEntry | undefined> {
  const common = {
    path,
    name,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: 0,
    mtime: Math.max(0, Math.min(latest, Number(stat.mtimeNs / 1_000_000_000n))),
  };
  if (stat.isSocket()) return undefined;
  if (!stat.isDirectory() && stat.nlink > 1n) {
    const inode = `${stat.dev}:${stat.ino}`;
    const first = links.get(inode);
    if (first !== undefined) return { ...common, type: 'link', linkName: first };
    links.set(inode, name);
  }
  const xattrs = xattrsOf(path);
  if (stat.isDirectory()) return { ...common, type: 'directory', name: Buffer.concat([name, slash]), xattrs };
  if (stat.isSymbolicLink())
    return {
      ...common,
      type: 'symlink',
      mode: 0o777,
      linkName: await readlink(path, { encoding: 'buffer' }),
      xattrs,
    };
  if (stat.isFile()) return { ...common, type: 'file', size: Number(stat.size), xattrs };
  if (stat.isFIFO()) return { ...common, type: 'fifo', xattrs };
  const type = stat.isBlockDevice() ? 'block' : 'char';
  return { ...common, type, major: majorOf(stat.rdev), minor: minorOf(stat.rdev), xattrs };
}

/** Those that mean the same on another machine; not the labels and marks of this one. */
function xattrsOf(path: Buffer): ReadonlyMap<string, Buffer> {
  const kept = new Map<string, Buffer>();
  for (const name of listXattrs(path)) {
    const isKept =
      name === 'security.capability' || (name.startsWith('user.') && !name.startsWith('user.overlay.'));
    const value = isKept ? getXattr(path, name) : undefined;
    if (value !== undefined) kept.set(name, value);
  }
  return kept;
}

function majorOf(device: bigint): number {
  return Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
}

function minorOf(device: bigint): number {
  return Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
}
