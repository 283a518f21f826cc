// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Descriptor } from '@lading/image-spec';
import { readBlobFile, readDocument } from '../blob-file.ts';
import type { BlobOptions } from '../types.ts';
import { blobPath, type LayoutReference } from './layout-path.ts';

/** The reason of the error for a place that is no layout. */
export const noLayout = 'LAYOUT_UNKNOWN';

/** The files of a layout, in a folder or in an archive. */
export interface LayoutFiles {
  document(name: 'index.json' | 'oci-layout'): Promise<Uint8Array>;
  /** Verified while it flows. */
  blob(descriptor: Descriptor, options?: BlobOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** The files of a layout in a folder. Blobs may be in another one, which layouts share. */
export function filesInFolder({ path, blobs }: Pick<LayoutReference, 'path' | 'blobs'>): LayoutFiles {
  return {
    document: (name) =>
      readDocument(
        join(path, name),
        name === 'index.json' ? 'the index of the layout' : 'oci-layout',
        noLayout,
      ),
    blob: (descriptor, options) => readBlobFile(blobPath(blobs, descriptor.digest), descriptor, options),
    async close() {},
  };
}
