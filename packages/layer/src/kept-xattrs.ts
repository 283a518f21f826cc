// SPDX-License-Identifier: Apache-2.0
import { getXattr, listXattrs } from '@lading/linux';

const none: ReadonlyMap<string, Buffer> = new Map();

/** The extended attributes of a file that mean the same on another machine; not the labels and marks of this one. */
export function keptXattrs(
  path: Buffer,
  names: readonly string[] = listXattrs(path),
): ReadonlyMap<string, Buffer> {
  let kept: Map<string, Buffer> | undefined;
  for (const name of names) {
    const isKept =
      name === 'security.capability' ||
      name === 'security.ima' ||
      (name.startsWith('user.') && !name.startsWith('user.overlay.'));
    const value = isKept ? getXattr(path, name) : undefined;
    if (value === undefined) continue;
    kept ??= new Map();
    kept.set(name, value);
  }
  return kept ?? none;
}
