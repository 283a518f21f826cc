// SPDX-License-Identifier: Apache-2.0
import type { IdMaps } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { type LayerSource, packEntries, packFolder } from '@lading/layer';
import type { Found } from './place.ts';

export interface PackPlaceOptions {
  readonly signal: AbortSignal;
  /** Owners in the archive are those of the container. */
  readonly idMaps?: IdMaps | undefined;
}

/** The archive of a file or folder under a name; without one, of what is in the folder. */
export function packPlace(
  { real, stat, shown }: Found,
  name: string,
  { signal, idMaps }: PackPlaceOptions,
): LayerSource {
  if (stat.isDirectory()) {
    return packFolder(real, { ...idMaps, anyNames: true, signal, ...(name === '' ? {} : { name }) });
  }
  if (!stat.isFile()) {
    throw new LadingError(
      Code.InvalidArgument,
      `"${shown}" is neither a file nor a directory: it cannot be copied by itself, but with the directory that it is in`,
    );
  }
  const { mode, mtime, uid, gid } = stat;
  const entry = { type: 'file', path: name, mode: mode & 0o7777, mtime, uid, gid, file: real } as const;
  return packEntries([entry], { signal });
}
