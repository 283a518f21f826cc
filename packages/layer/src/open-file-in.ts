// SPDX-License-Identifier: Apache-2.0
import { constants, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { resolverIn } from '@lading/linux';
import { shown } from './tar-header.ts';

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens files of an archive that was unpacked into folders, of which the first one that has a file gives it. */
export function openFileIn(folders: readonly string[]): (name: Buffer) => number {
  const resolvers = folders.map(resolverIn);
  return (name) => {
    for (const resolver of resolvers) {
      const path = resolver.find(name);
      if (path !== undefined) return openSync(path, openFlags);
    }
    throw new LadingError(Code.DataLoss, `the file ${shown(name)} of the layer is missing`, {
      reason: 'TAR_SPLIT_FILE',
    });
  };
}
