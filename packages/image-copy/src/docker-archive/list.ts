// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from '../types.ts';
import { type ArchivedImage, readManifestJson } from './manifest-json.ts';

/**
 * The images in an archive of `docker save` or `podman save`, in its order; the third is `docker-archive:PATH:@2`.
 *
 * @throws NotFound for no file, or one without `manifest.json`; InvalidArgument for what is no archive
 */
export async function listDockerArchive(
  path: string,
  options: CallOptions = {},
): Promise<readonly ArchivedImage[]> {
  const { openArchive } = await import('../archive-file.ts');
  const archive = await openArchive(path, options);
  try {
    return await readManifestJson(archive);
  } finally {
    await archive.close();
  }
}
