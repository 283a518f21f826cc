// SPDX-License-Identifier: Apache-2.0
import { basename, dirname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { idMappedMount, openUserNamespace, unmount } from '@lading/linux';
import { fullMaps, type IdMaps } from './id-maps.ts';
import { makeFolder } from './paths.ts';

/** Folders of layers as they are seen with other owners; an overlay that is mounted of them keeps them when this is disposed of. */
export interface MappedLowers extends Disposable {
  readonly paths: readonly string[];
}

/**
 * Mounts the folders that layers are in, id-mapped, at `mapped/N` of a folder.
 *
 * @throws LadingError `unimplemented` with reason `ID_MAPPED_MOUNT` where kernel or file system cannot
 */
export function mapLowers(folder: string, lowers: readonly string[], maps: IdMaps): MappedLowers {
  const targets = new Map<string, string>();
  const mounted: string[] = [];
  const dispose = (): void => {
    for (const target of mounted.splice(0)) unmount(target, { lazy: true });
  };
  try {
    using userNamespace = openUserNamespace(fullMaps(maps));
    for (const source of new Set(lowers.map((lower) => dirname(lower)))) {
      const target = join(folder, 'mapped', String(targets.size));
      makeFolder(dirname(target), 0o700);
      makeFolder(target, 0o700);
      idMappedMount({ source, target, userNamespace });
      mounted.push(target);
      targets.set(source, target);
    }
  } catch (error) {
    dispose();
    throw explained(error);
  }
  return {
    paths: lowers.map((lower) => join(targets.get(dirname(lower)) ?? dirname(lower), basename(lower))),
    [Symbol.dispose]: dispose,
  };
}

/** What a kernel says that has no id-mapped mounts, or none of this file system, or none below overlay. */
export function explained(error: unknown): LadingError {
  const failure = LadingError.from(error);
  if (!['EINVAL', 'ENOSYS'].includes(failure.reason ?? '') || failure.code === Code.Unimplemented)
    return failure;
  return new LadingError(
    Code.Unimplemented,
    `layers cannot be mounted with the ids of the container (${failure.message}); use Linux 5.19 or newer, and a file system that has id-mapped mounts, such as ext4, xfs or btrfs`,
    { reason: 'ID_MAPPED_MOUNT', cause: error },
  );
}
