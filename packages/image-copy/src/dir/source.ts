// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  isIndexType,
  isManifestType,
  MediaType,
  parseDockerManifestV1,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { blobFileSize, readBlobFile, readDocument } from '../blob-file.ts';
import { digestOfManifest } from '../manifest-digest.ts';
import { isSchema1 } from '../schema1/read-schema1.ts';
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
      const mediaType = typeOf(bytes);
      const algorithm = instance?.startsWith('sha512:') ? 'sha512' : 'sha256';
      const digest = await digestOfManifest(mediaType, bytes, algorithm);
      if (instance !== undefined && instance !== digest) {
        throw new LadingError(Code.DataLoss, `${path} has the digest ${digest}`, {
          reason: 'DIGEST_MISMATCH',
        });
      }
      return { bytes, mediaType, digest };
    },
    blobSize: (digest) => blobFileSize(dirBlobPath(folder, digest), digest),
    blob: (descriptor, options) => readBlobFile(dirBlobPath(folder, descriptor.digest), descriptor, options),
    async close() {},
  };
}

/** The folder does not keep media types, so the document tells. */
function typeOf(bytes: Uint8Array): string {
  if (isSchema1(bytes)) {
    const signed = parseDockerManifestV1(bytes).signatures !== undefined;
    return signed ? MediaType.DockerManifestV1Signed : MediaType.DockerManifestV1;
  }
  const document = parseManifestOrIndex(bytes);
  const own = document.kind === 'index' ? document.index.mediaType : document.manifest.mediaType;
  if (own !== undefined && (isIndexType(own) || isManifestType(own))) return own;
  return document.kind === 'index' ? MediaType.ImageIndex : MediaType.ImageManifest;
}
