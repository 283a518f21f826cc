// SPDX-License-Identifier: Apache-2.0
import { digestAlgorithm, digestHex } from '@lading/image-spec';
import { type Archive, openArchive, verifiedMember } from '../archive-file.ts';
import { type LayoutFiles, noLayout } from '../oci/layout-files.ts';

/** The files of a layout in an archive, which is opened with the first of them and read in place. */
export function filesInArchive(path: string): LayoutFiles {
  let archive: Promise<Archive> | undefined;
  const opened = (): Promise<Archive> => {
    archive ??= openArchive(path);
    return archive;
  };
  return {
    document: async (name) => (await opened()).document(name, noLayout),
    blob(descriptor, options = {}) {
      const { digest } = descriptor;
      async function* member(): AsyncGenerator<Uint8Array> {
        const found = await opened();
        const name = `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
        yield* found.read(found.find(name, 'BLOB_UNKNOWN'));
      }
      return verifiedMember(member(), descriptor, options);
    },
    async close() {
      const found = await archive?.catch(() => undefined); // its failure was the first call's
      await found?.close();
    },
  };
}
