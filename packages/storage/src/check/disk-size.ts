// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync } from 'node:fs';
import { ifThere } from '../paths.ts';

/** Bytes that a file, or a folder with all that is in it, takes on disk. Files with several names count once. */
export function sizeOnDisk(path: string): number {
  const seen = new Set<bigint>();
  const sizeOf = (place: Buffer): number => {
    const stats = ifThere(() => lstatSync(place, { bigint: true }));
    if (stats === undefined) return 0;
    if (stats.nlink > 1n && !stats.isDirectory()) {
      if (seen.has(stats.ino)) return 0;
      seen.add(stats.ino);
    }
    const own = Number(stats.blocks) * 512;
    if (!stats.isDirectory()) return own;
    const names = ifThere(() => readdirSync(place, { encoding: 'buffer' })) ?? [];
    return names.reduce((sum, name) => sum + sizeOf(Buffer.concat([place, Buffer.from('/'), name])), own);
  };
  return sizeOf(Buffer.from(path));
}
