// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { shown } from './tar-header.ts';

const slash = 0x2f;

/**
 * The place of a name below the root of the layer, as an absolute path inside of the chroot: an absolute name is
 * taken for a relative one, as every tool does, and `.` and `..` are worked out on the text.
 *
 * @throws LadingError `invalid_argument` for a name that climbs out
 */
export function pathInLayer(name: Buffer, what: string): Buffer {
  // latin1 keeps every byte as one character, so that names that are not UTF-8 survive.
  const parts: string[] = [];
  for (const part of name.toString('latin1').split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) {
      throw new LadingError(Code.InvalidArgument, `tar: the ${what} ${shown(name)} leads out of the layer`, {
        reason: 'TAR_ESCAPE',
      });
    }
  }
  return Buffer.from(`/${parts.join('/')}`, 'latin1');
}

/** The folder of a path that {@link pathInLayer} gave. */
export function parentOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(1, path.lastIndexOf(slash)));
}

/** The last part of a path that {@link pathInLayer} gave. */
export function baseOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(slash) + 1);
}
