// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ImageDestination } from '../types.ts';
import type { DockerArchiveReference } from './reference.ts';
import { createDockerArchive } from './writer.ts';

/** Writes an archive with one image. The file appears with the commit. */
export async function createDockerArchiveDestination(
  reference: DockerArchiveReference,
  additionalTags: readonly string[],
): Promise<ImageDestination> {
  const { path, name, position, text } = reference;
  if (position !== undefined) {
    throw new LadingError(Code.InvalidArgument, `${text}: an image is written under a name, not a position`);
  }
  const archive = await createDockerArchive(path);
  const inner = archive.destination([...(name === undefined ? [] : [name]), ...additionalTags]);
  return {
    ...inner,
    reference: text,
    async commit(options) {
      await inner.commit(options);
      await archive.commit();
    },
    abort: archive.abort,
    close: archive.abort,
  };
}
