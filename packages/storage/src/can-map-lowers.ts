// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { unmount } from '@lading/linux';
import { mapLowers } from './map-lowers.ts';
import { mountOverlay } from './overlay-mount.ts';
import { imageHome, newFolder, type Paths } from './paths.ts';
import { openTempDir } from './temp-dir.ts';

const map = [{ containerId: 0, hostId: 0, size: 1 }];
/** What kernel, file system or a lack of privileges say. */
const refusals: readonly Code[] = [Code.Unimplemented, Code.InvalidArgument, Code.PermissionDenied];

/**
 * Tries whether layers can be mounted with the owners of a container: Linux 5.19, a file system that can do it, and root
 * are needed.
 */
export async function canMapLowers(paths: Paths): Promise<boolean> {
  await using temp = await openTempDir(imageHome(paths).overlayTemp);
  const folder = temp.path;
  const lower = join(folder, 'lower/diff');
  for (const name of ['lower', 'lower/diff', 'diff', 'work', 'merged']) newFolder(join(folder, name), 0o700);
  try {
    using mapped = mapLowers(folder, [lower], { uidMap: map, gidMap: map });
    mountOverlay({ folder, lowers: mapped.paths, options: [] });
    unmount(join(folder, 'merged'));
    return true;
  } catch (error) {
    const failure = LadingError.from(error);
    if (refusals.includes(failure.code)) return false;
    throw failure;
  }
}
