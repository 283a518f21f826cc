// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  digestBytes,
  isIndexType,
  isManifestType,
  MediaType,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { readBlobFile, readDocument } from '../blob-file.ts';
import { readSignatures } from '../trust/read-signatures.ts';
import type { ImageSource } from '../types.ts';
import { dirBlobPath, manifestPath, signaturePath } from './files.ts';

/** Reads an image from a folder that `dir:` was written to. */
export function createDirSource(folder: string, text: string): ImageSource {
  return {
    reference: text,
    location: folder,
    signatures: ({ instance }) => readSignatures((number) => signaturePath(folder, number, instance)),
    async manifest(instance) {
      const path = manifestPath(folder, instance);
      const bytes = await readDocument(path, 'the manifest', 'MANIFEST_UNKNOWN');
      const digest = await digestBytes(bytes, instance?.startsWith('sha512:') ? 'sha512' : 'sha256');
      if (instance !== undefined && instance !== digest) {
        throw new LadingError(Code.DataLoss, `${path} has the digest ${digest}`, {
          reason: 'DIGEST_MISMATCH',
        });
      }
      return { bytes, mediaType: typeOf(bytes), digest };
    },
    blob: (descriptor, options) => readBlobFile(dirBlobPath(folder, descriptor.digest), descriptor, options),
    async close() {},
  };
}

/** The folder does not keep media types, so the document tells. */
function typeOf(bytes: Uint8Array): string {
  const document = parseManifestOrIndex(bytes);
  const own = document.kind === 'index' ? document.index.mediaType : document.manifest.mediaType;
  if (own !== undefined && (isIndexType(own) || isManifestType(own))) return own;
  return document.kind === 'index' ? MediaType.ImageIndex : MediaType.ImageManifest;
}
