// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { resolverIn } from '@lading/linux';
import { shown } from './tar-header.ts';

/** Opens files of an archive that was unpacked into folders, of which the first one that has a file gives it. */
export function openFileIn(folders: readonly string[]): (name: Buffer) => number {
  const resolvers = folders.map(resolverIn);
  return (name) => {
    for (const resolver of resolvers) {
      const fd = resolver.open(name);
      if (fd !== undefined) return fd;
    }
    throw new LadingError(Code.DataLoss, `the file ${shown(name)} of the layer is missing`, {
      reason: 'TAR_SPLIT_FILE',
    });
  };
}
