// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { getXattr } from '@lading/linux';
import { shown } from './tar-header.ts';

/**
 * Under which names overlay keeps its marks: `trusted` when root mounts it, `user` with the mount option `userxattr`.
 * Those of the other kind mean nothing: in a container that root runs anyone can set `user.overlay.opaque`.
 */
export type OverlayXattrs = 'trusted' | 'user';

/** @see https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories */
export interface OverlayMarks {
  /** What stands for the removal of its name. */
  isWhiteout(path: Buffer, stat: BigIntStats, xattrs?: readonly string[]): boolean;
  /** A folder that shows nothing of the layers below. */
  isOpaque(path: Buffer, xattrs?: readonly string[]): boolean;
  /** @throws LadingError `failed_precondition` when content or name of a file lie in the layers below */
  refuseReferences(path: Buffer, name: Buffer, xattrs: readonly string[]): void;
}

const references = ['metacopy', 'redirect'];

export function overlayMarks(kind: OverlayXattrs): OverlayMarks {
  const [opaque, whiteout] = [`${kind}.overlay.opaque`, `${kind}.overlay.whiteout`];
  const has = (path: Buffer, key: string, names: readonly string[] | undefined): boolean =>
    names === undefined ? getXattr(path, key) !== undefined : names.includes(key);
  return {
    isWhiteout(path, stat, xattrs) {
      if (stat.isCharacterDevice()) return stat.rdev === 0n;
      // The other form, for layers that lie in an overlay themselves, where no device 0/0 can be made.
      return stat.isFile() && stat.size === 0n && has(path, whiteout, xattrs);
    },
    isOpaque(path, xattrs) {
      return has(path, opaque, xattrs) && getXattr(path, opaque)?.toString('latin1') === 'y';
    },
    refuseReferences(path, name, xattrs) {
      const found = references.find((mark) => xattrs.includes(`${kind}.overlay.${mark}`));
      if (found === undefined) return;
      throw new LadingError(
        Code.FailedPrecondition,
        `${shown(name)} in ${shown(path.subarray(0, -name.length - 1))} refers to a layer below (overlay's ${found}); compare the mounted trees instead`,
        { reason: `OVERLAY_${found.toUpperCase()}` },
      );
    },
  };
}
