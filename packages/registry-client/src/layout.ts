// SPDX-License-Identifier: Apache-2.0

import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  isManifestType,
  parseDigest,
} from '@lading/image-spec';
import { oneLine } from './errors.ts';
import { contentsOf } from './image-contents.ts';
import type { ImageStore } from './image-store.ts';
import { readFileFrom, replaceFile } from './layout-file.ts';
import { nameOf, openLayoutIndex } from './layout-index.ts';
import { manifestLimitBytes, readAll } from './limits.ts';
import { makeFolder } from './make-folder.ts';
import { removeAbandoned } from './temporary-file.ts';

export { withLayoutLock } from './layout-lock.ts';

/** An OCI image layout as a store. */
export interface LayoutStore extends ImageStore {
  /** The entries of index.json: the images, those with a name in `org.opencontainers.image.ref.name`. */
  images(): Promise<readonly Descriptor[]>;
  /**
   * As in every store. What the image is made of must be there: someone may have deleted it since it was written.
   *
   * @throws Aborted (`BLOB_UNKNOWN`)
   */
  tag: ImageStore['tag'];
}

/**
 * Opens the OCI image layout in a folder, or makes one there. Other tools may read it meanwhile: every file
 * appears as a whole, and several processes of Lading may write to it at once.
 *
 * @throws InvalidArgument when what is in the folder is no layout of version 1.0.0
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function openLayout(folder: string): Promise<LayoutStore> {
  const root = resolve(folder);
  await makeFolder(join(root, 'blobs', 'sha256'));
  const index = await openLayoutIndex(root);
  await Promise.all([removeAbandoned(root), removeAbandoned(join(root, 'blobs', 'sha256'))]);

  /** A digest has no slash and no dots to climb with; that it is one is checked here, whatever its type says. */
  function pathOf(digest: Digest): string {
    const checked = parseDigest(digest);
    return join(root, 'blobs', digestAlgorithm(checked), digestHex(checked));
  }

  async function has({ digest, size }: Descriptor): Promise<boolean> {
    try {
      const found = await stat(pathOf(digest));
      return found.isFile() && found.size === size;
    } catch (error) {
      if (LadingError.from(error).code === Code.NotFound) return false;
      throw error;
    }
  }

  const read: LayoutStore['read'] = ({ digest }, { offset = 0 } = {}) =>
    readFileFrom(pathOf(digest), offset, `the content ${digest}`, 'BLOB_UNKNOWN');

  /** Of an index the images that are not wanted here need not be there. */
  async function checkParts(descriptor: Descriptor): Promise<void> {
    const { digest, mediaType } = descriptor;
    if (!(await has(descriptor))) throw missingPart(root, digest);
    if (!isManifestType(mediaType)) return;
    const bytes = await readAll(read(descriptor), manifestLimitBytes, `the manifest ${digest}`);
    for (const blob of contentsOf(descriptor, bytes).blobs) {
      if (!(await has(blob))) throw missingPart(root, blob.digest);
    }
  }

  return {
    images: async () => (await index.read()).manifests,
    has,
    read,
    async write({ digest }, source, { signal } = {}) {
      const path = pathOf(digest);
      await makeFolder(dirname(path));
      await replaceFile(path, source, { signal });
    },
    async resolve(nameOrDigest) {
      const { manifests } = await index.read();
      const found =
        manifests.find((entry) => nameOf(entry) === nameOrDigest) ??
        manifests.find(({ digest }) => digest === nameOrDigest);
      if (found !== undefined) return found;
      const names = manifests.flatMap((entry) => nameOf(entry) ?? []).slice(0, 30);
      const offered = names.length === 0 ? 'no image has a name' : `there are ${names.join(', ')}`;
      throw new LadingError(
        Code.NotFound,
        `no image ${oneLine(nameOrDigest, 150)} in ${root}; ${oneLine(offered, 500)}`,
        { reason: 'MANIFEST_UNKNOWN' },
      );
    },
    tag: (descriptor, name) => index.add(descriptor, name, () => checkParts(descriptor)),
  };
}

function missingPart(root: string, digest: Digest): LadingError {
  return new LadingError(
    Code.Aborted,
    `${digest} is not in ${root}, and the image needs it; it was deleted meanwhile or never came: write it, and name the image then`,
    { reason: 'BLOB_UNKNOWN' },
  );
}

export { openFile, replaceFile } from './layout-file.ts';
export { isTemporaryName, removeAbandoned, temporaryPath } from './temporary-file.ts';
