// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestBytes,
  dockerManifestV1Payload,
  MediaType,
  parseDockerManifestV1,
} from '@lading/image-spec';

/** The digest of a manifest: of the signed ones of Docker's schema 1, that of what was signed. */
export async function digestOfManifest(
  mediaType: string,
  bytes: Uint8Array,
  algorithm: 'sha256' | 'sha512' = 'sha256',
): Promise<Digest> {
  return digestBytes(signedPart(mediaType, bytes), algorithm);
}

/** The descriptor of a manifest that is to be written. Its size is that of all bytes. */
export async function descriptorOfManifest(mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const { digest } = await descriptorOf(mediaType, signedPart(mediaType, bytes));
  return { mediaType, digest, size: bytes.length };
}

function signedPart(mediaType: string, bytes: Uint8Array): Uint8Array {
  if (mediaType !== MediaType.DockerManifestV1Signed) return bytes;
  return dockerManifestV1Payload(parseDockerManifestV1(bytes));
}
