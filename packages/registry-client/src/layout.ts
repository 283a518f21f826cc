// SPDX-License-Identifier: Apache-2.0
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestAlgorithm, digestHex, parseDigest } from '@lading/image-spec';
import { oneLine } from './errors.ts';
import type { ImageStore } from './image-store.ts';
import { readFileFrom, replaceFile } from './layout-file.ts';
import { nameOf, openLayoutIndex } from './layout-index.ts';
import { removeAbandoned } from './temporary-file.ts';

export { withLayoutLock } from './layout-lock.ts';

/** An OCI image layout as a store. */
export interface LayoutStore extends ImageStore {
  /** The entries of index.json: the images, those with a name in `org.opencontainers.image.ref.name`. */
  images(): Promise<readonly Descriptor[]>;
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
  await mkdir(join(root, 'blobs', 'sha256'), { recursive: true });
  const index = await openLayoutIndex(root);
  await Promise.all([removeAbandoned(root), removeAbandoned(join(root, 'blobs', 'sha256'))]);

  /** A digest has no slash and no dots to climb with; that it is one is checked here, whatever its type says. */
  function pathOf(digest: Digest): string {
    const checked = parseDigest(digest);
    return join(root, 'blobs', digestAlgorithm(checked), digestHex(checked));
  }

  return {
    images: async () => (await index.read()).manifests,
    async has({ digest, size }) {
      try {
        const found = await stat(pathOf(digest));
        return found.isFile() && found.size === size;
      } catch (error) {
        if (LadingError.from(error).code === Code.NotFound) return false;
        throw error;
      }
    },
    read: ({ digest }, { offset = 0 } = {}) =>
      readFileFrom(pathOf(digest), offset, `the content ${digest}`, 'BLOB_UNKNOWN'),
    async write({ digest }, source, { signal } = {}) {
      const path = pathOf(digest);
      await mkdir(dirname(path), { recursive: true });
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
    tag: (descriptor, name) => index.add(descriptor, name),
  };
}

export { replaceFile } from './layout-file.ts';
export { isTemporaryName, removeAbandoned, temporaryPath } from './temporary-file.ts';
