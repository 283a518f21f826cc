// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { filesInArchive } from '../oci-archive/files.ts';
import { filesInFolder } from './layout-files.ts';
import { nameOf, readLayoutIndex } from './layout-index.ts';

/**
 * The names of the images in an OCI layout, a folder or an archive of one, in its order; undefined for one without.
 * The third is `oci:PATH:@2`, or `oci-archive:PATH:@2`.
 *
 * @throws NotFound for no file, or one that is no layout; InvalidArgument for what is no archive
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { copyImage, listLayout, openDestination } from '@lading/image-copy';
 * import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'lading-example-'));
 * const file = join(folder, 'app.tar');
 * const destination = await openDestination(`oci-archive:${file}:app:1`);
 * await copyImage(createMemorySource(await makeTestImage({ seed: 'list' })), destination);
 * await destination.close();
 * console.log(await listLayout(file)); // → [ 'app:1' ]
 * await rm(folder, { recursive: true });
 * ```
 */
export async function listLayout(path: string): Promise<readonly (string | undefined)[]> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? filesInFolder({ path, blobs: '' }) : filesInArchive(path);
  try {
    return (await readLayoutIndex(files)).manifests.map(nameOf);
  } finally {
    await files.close();
  }
}
