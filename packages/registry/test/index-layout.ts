// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  type Descriptor,
  descriptorOf,
  digestBytes,
  digestHex,
  encodeJson,
  MediaType,
} from '@lading/image-spec';
import { output } from './program.ts';

/** An OCI image layout with an index of two platforms, tagged `latest`. */
export interface IndexLayout {
  readonly index: Descriptor;
  /** amd64 with a layer of gzip and one of zstd, arm64 with one of gzip. */
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
}

export async function writeIndexLayout(folder: string): Promise<IndexLayout> {
  const path = join(folder, 'blobs/sha256');
  await mkdir(path, { recursive: true });
  const blobs: Descriptor[] = [];
  const add = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = await descriptorOf(mediaType, bytes);
    await writeFile(join(path, digestHex(descriptor.digest)), bytes);
    blobs.push(descriptor);
    return descriptor;
  };
  const image = async (architecture: string, kinds: readonly ('gzip' | 'zstd')[]): Promise<Descriptor> => {
    const tars = await Promise.all(kinds.map((kind) => tarOf(`${architecture}-${kind}`)));
    const layers = await Promise.all(
      tars.map((tar, index) =>
        kinds[index] === 'zstd'
          ? add(MediaType.LayerZstd, zstdCompressSync(tar))
          : add(MediaType.LayerGzip, gzipSync(tar)),
      ),
    );
    const diffIds = await Promise.all(tars.map((tar) => digestBytes(tar)));
    const config = await add(
      MediaType.ImageConfig,
      encodeJson({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
    );
    const manifest = await add(
      MediaType.ImageManifest,
      encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageManifest, config, layers }),
    );
    return { ...manifest, platform: { architecture, os: 'linux' } };
  };
  const manifests = [await image('amd64', ['gzip', 'zstd']), await image('arm64', ['gzip'])];
  const index = await add(
    MediaType.ImageIndex,
    encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests }),
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  await writeFile(
    join(folder, 'index.json'),
    encodeJson({ schemaVersion: 2, manifests: [{ ...index, annotations }] }),
  );
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return { index, manifests, blobs };
}

/** The tar of a folder with one file. */
async function tarOf(name: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-registry-tar-'));
  try {
    await writeFile(join(folder, name), name.repeat(1000));
    const tar = join(folder, '.tar');
    await output('tar', ['-C', folder, '--owner=0', '--group=0', '-cf', tar, name]);
    return await readFile(tar);
  } finally {
    await rm(folder, { recursive: true });
  }
}
