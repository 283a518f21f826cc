// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { getXattr, listXattrs } from '@lading/linux';

/** Everything below a folder that a layer can carry: one line an entry, names as they are in latin1. */
export function treeOf(root: string): readonly string[] {
  const lines: string[] = [];
  const inodes = new Map<string, string>();
  const walk = (folder: Buffer, prefix: string): void => {
    const names = readdirSync(folder, { encoding: 'buffer' }).toSorted(Buffer.compare);
    for (const base of names) {
      const path = Buffer.concat([folder, Buffer.from('/'), base]);
      const name = prefix + base.toString('latin1');
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      // Overlay lists the whiteouts of a folder that no layer below has.
      if (stat === undefined) continue;
      const inode = `${stat.dev}:${stat.ino}`;
      const first = stat.isDirectory() ? undefined : inodes.get(inode);
      if (first !== undefined) {
        lines.push(`${name} is ${first}`);
        continue;
      }
      inodes.set(inode, name);
      const xattrs = listXattrs(path).map((key) => `${key}=${getXattr(path, key)?.toString('hex')}`);
      const what = stat.isSymbolicLink()
        ? `-> ${readlinkSync(path, { encoding: 'latin1' })}`
        : stat.isFile()
          ? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12)
          : `${stat.rdev}`;
      lines.push(
        [name, stat.mode.toString(8), `${stat.uid}:${stat.gid}`, stat.mtimeNs, what, ...xattrs].join(' '),
      );
      if (stat.isDirectory()) walk(path, `${name}/`);
    }
  };
  walk(Buffer.from(root), '');
  return lines;
}
