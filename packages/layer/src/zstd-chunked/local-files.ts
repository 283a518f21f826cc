// SPDX-License-Identifier: Apache-2.0
import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { resolverIn } from '@lading/linux';
import type { ChunkedFile } from './parse-table.ts';

/** Opens a file that was found, if it is still there. */
export type OpenAgain = () => number | undefined;

/** So many times a file is looked for in vain, then no more: a store of a hundred images costs no minute. */
const mostMisses = 400_000;
const largeBytes = 1 << 20;

const readAt = promisify(read);

/**
 * Finds files in folders that layers were unpacked into: at the same place, with the same size, and by reading them the
 * same digest.
 */
export function localFiles(
  folders: readonly string[],
): (file: ChunkedFile) => Promise<OpenAgain | undefined> {
  // The folder that had the last one comes first: most files come from one earlier image.
  const resolvers = folders.map(resolverIn);
  let misses = 0;

  return async (file) => {
    const name = Buffer.from(file.name);
    for (const [i, resolver] of resolvers.entries()) {
      if (misses > mostMisses) return undefined;
      const open = (): number | undefined => resolver.open(name);
      if (await isSame(open, file)) {
        resolvers.splice(i, 1);
        resolvers.unshift(resolver);
        return open;
      }
      misses += 1;
    }
    return undefined;
  };
}

/** A layer may be removed, or changed by hand, while it is looked at: then it has not what is looked for. */
async function isSame(open: OpenAgain, file: ChunkedFile): Promise<boolean> {
  let fd: number | undefined;
  try {
    fd = open();
    return (
      fd !== undefined &&
      fstatSync(fd).size === file.size &&
      (await digestOfFile(fd, file.size)) === file.digest
    );
  } catch {
    return false; // fetched instead
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

async function digestOfFile(fd: number, size: number): Promise<string> {
  const bytes = Buffer.allocUnsafe(Math.min(size, largeBytes));
  if (size <= largeBytes) {
    const count = readSync(fd, bytes, 0, size, 0);
    return `sha256:${hash('sha256', bytes.subarray(0, count))}`;
  }
  const whole = createHash('sha256');
  for (let at = 0; at < size; ) {
    const { bytesRead } = await readAt(fd, bytes, 0, bytes.length, at);
    if (bytesRead === 0) break;
    whole.update(bytes.subarray(0, bytesRead));
    at += bytesRead;
  }
  return `sha256:${whole.digest('hex')}`;
}
