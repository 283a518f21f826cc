// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, readlinkSync } from 'node:fs';
import { containerIdOf } from './id-map.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { type PackOptions, timeCutter } from './pack-options.ts';
import type { PackItem } from './tar-archive.ts';
import { shown } from './tar-header.ts';

/** A file as it was found in a tree. */
export interface FoundFile {
  readonly path: Buffer;
  /** From the root of the tree, without a slash at either end. */
  readonly name: Buffer;
  readonly stat: BigIntStats;
}

/**
 * Makes entries of files. A file with several names comes once, and then as hard links: so one maker makes one layer.
 * Nothing is made of sockets: a tar cannot hold them.
 *
 * @param xattrs names of the extended attributes, where they are known already
 */
export type FileEntryMaker = (file: FoundFile, xattrs?: readonly string[]) => PackItem | undefined;

const slash = Buffer.from('/');

export function createFileEntryMaker(options: PackOptions): FileEntryMaker {
  const cut = timeCutter(options);
  const links = new Map<string, Buffer>();
  return ({ path, name, stat }, xattrNames) => {
    if (stat.isSocket()) return undefined;
    const common = {
      name,
      mode: Number(stat.mode & 0o7777n),
      uid: containerIdOf(Number(stat.uid), options.uidMap, shown(name)),
      gid: containerIdOf(Number(stat.gid), options.gidMap, shown(name)),
      size: 0,
      mtimeNs: cut(stat.mtimeNs),
    };
    const isDirectory = stat.isDirectory();
    if (!isDirectory && stat.nlink > 1n) {
      const inode = `${stat.dev}:${stat.ino}`;
      const first = links.get(inode);
      if (first !== undefined) return { ...common, type: 'link', linkName: first };
      links.set(inode, name);
    }
    const xattrs = keptXattrs(path, xattrNames);
    if (isDirectory) return { ...common, type: 'directory', name: Buffer.concat([name, slash]), xattrs };
    if (stat.isFile()) {
      const size = Number(stat.size);
      return { ...common, type: 'file', size, xattrs, content: { kind: 'file', path } };
    }
    if (stat.isSymbolicLink()) {
      const linkName = readlinkSync(path, { encoding: 'buffer' });
      return { ...common, type: 'symlink', mode: 0o777, linkName, xattrs };
    }
    if (stat.isFIFO()) return { ...common, type: 'fifo', xattrs };
    const type = stat.isBlockDevice() ? 'block' : 'char';
    return { ...common, type, major: majorOf(stat.rdev), minor: minorOf(stat.rdev), xattrs };
  };
}

function majorOf(device: bigint): number {
  return Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
}

function minorOf(device: bigint): number {
  return Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
}
