// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestBytes,
  digestHex,
  encodeJson,
  MediaType,
} from '@lading/image-spec';

/** Writes an OCI image layout with one image, tagged latest, and gives the digest of its manifest. */
export async function writeLayout(folder: string): Promise<Digest> {
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const add = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = await descriptorOf(mediaType, bytes);
    await writeFile(join(blobs, digestHex(descriptor.digest)), bytes);
    return descriptor;
  };
  // The end of a tar, which is an archive without a member.
  const tar = new Uint8Array(1024);
  const layer = await add(MediaType.LayerGzip, gzipSync(tar));
  const rootfs = { type: 'layers', diff_ids: [await digestBytes(tar)] };
  const config = await add(MediaType.ImageConfig, encodeJson({ architecture: 'amd64', os: 'linux', rootfs }));
  const manifest = await add(
    MediaType.ImageManifest,
    encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageManifest, config, layers: [layer] }),
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  await writeFile(
    join(folder, 'index.json'),
    encodeJson({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return manifest.digest;
}
