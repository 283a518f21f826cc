// SPDX-License-Identifier: Apache-2.0
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  MediaType,
  normalizeArchitecture,
} from '@lading/image-spec';
import { writeLayer } from '@lading/layer';
import { createRegistryClient } from '@lading/registry-client';

const files = 20_000;
const filesPerFolder = 100;

/** Numbers that are the same in each run (a 32-bit xorshift), so that each run pulls the same image. */
function createNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Half noise, half text that repeats: it compresses about as well as a distribution's files do. */
function makeContent(next: () => number, pool: Buffer): Buffer {
  const kind = next() % 100;
  const size = kind < 80 ? next() % 8_192 : kind < 98 ? next() % 65_536 : next() % 524_288;
  const noise = Math.floor(size * 0.55);
  const from = next() % (pool.length - noise);
  const text = Buffer.alloc(size - noise, `line ${next() % 1000} of a file that repeats itself\n`);
  return Buffer.concat([pool.subarray(from, from + noise), text]);
}

async function makeTree(folder: string, seed: number, count: number): Promise<void> {
  const next = createNumbers(seed);
  const pool = Buffer.alloc(8 << 20);
  for (let i = 0; i < pool.length; i += 4) pool.writeUInt32LE(next(), i);
  for (let i = 0; i < count; i++) {
    const place = join(folder, 'usr', `layer-${seed}`, `folder-${Math.floor(i / filesPerFolder)}`);
    if (i % filesPerFolder === 0) await mkdir(place, { recursive: true });
    await writeFile(join(place, `file-${i}`), makeContent(next, pool));
  }
}

/** Makes the image of the pull benchmark, its files dealt out to so many layers, and pushes it; gives its reference. */
export async function pushLargeImage(host: string, work: string, layers: number): Promise<string> {
  await using client = createRegistryClient({ tlsVerify: false });
  const name = `${host}/bench/large-${layers}`;
  const repository = client.repository(name);
  const descriptors: Descriptor[] = [];
  const diffIds: Digest[] = [];
  for (let seed = 1; seed <= layers; seed++) {
    const tree = join(work, `tree-${seed}`);
    const file = `${tree}.tar.gz`;
    await makeTree(tree, seed, files / layers);
    const { diffId, path } = await writeLayer(tree, `${tree}.tar`, {
      compression: 'none',
      mtime: new Date(0),
    });
    // By zlib alone, as many builders do it: what is pulled is not to change with how we compress.
    await pipeline(createReadStream(path), createGzip(), createWriteStream(file));
    const descriptor = await descriptorOf(MediaType.LayerGzip, await readFile(file));
    await repository.blobs.push(descriptor, () => createReadStream(file));
    descriptors.push(descriptor);
    diffIds.push(diffId);
    await rm(tree, { recursive: true });
    await Promise.all([rm(path), rm(file)]);
  }
  const config = encodeJson({
    architecture: normalizeArchitecture(process.arch),
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
  await repository.blobs.push(configDescriptor, async function* () {
    yield config;
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: configDescriptor,
    layers: descriptors,
  };
  await repository.manifests.push(encodeJson(manifest), { mediaType: MediaType.ImageManifest, tag: '1' });
  return `${name}:1`;
}
