// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestBytes, parseManifestOrIndex } from '@lading/image-spec';
import { replaceFile } from './atomic-file.ts';
import { bigDataFileName } from './big-data-name.ts';
import { imageFolder, imageFolders } from './image-folder.ts';
import type { Records } from './ledger.ts';
import { makeFolder, type Paths } from './paths.ts';
import type { ImageRecord } from './records.ts';
import { removeTree } from './remove-tree.ts';
import type { DigestedBytes, NewImage } from './types.ts';

/** One thing that is kept with an image. */
export interface DataItem extends DigestedBytes {
  readonly key: string;
}

/** The key of the image's own manifest. */
export const manifestKey = 'manifest';

/**
 * What is kept with an image, in the order in which other tools store it: the config, each manifest under its digest,
 * the image's own manifest once more, and the rest. Of a list of images: the index as its own manifest, and the rest.
 *
 * @throws LadingError `invalid_argument` without a manifest of the image, or with one for a list; `data_loss` when bytes
 * are not what their digest says
 */
export async function dataItems(image: NewImage): Promise<readonly DataItem[]> {
  const { data = new Map() } = image;
  return [
    ...(await documentItems(image)),
    ...(await Promise.all(
      [...data].map(async ([key, bytes]) => ({ key, bytes, digest: await digestBytes(bytes) })),
    )),
  ];
}

async function documentItems({ config, manifests }: NewImage): Promise<readonly DataItem[]> {
  await Promise.all(manifests.map(checkDigest));
  const isOf = (kind: 'manifest' | 'index') => (item: DigestedBytes) =>
    parseManifestOrIndex(item.bytes).kind === kind;
  if (config === undefined) {
    const [list, ...others] = manifests;
    if (list !== undefined && others.length === 0 && isOf('index')(list)) {
      return [{ key: manifestKey, ...list }];
    }
    throw new LadingError(Code.InvalidArgument, 'without a config an image is a list: one index and no more');
  }
  await checkDigest(config);
  const own = manifests.findLast(isOf('manifest'));
  if (own === undefined) {
    throw new LadingError(Code.InvalidArgument, 'an image needs its manifest; an index alone does not do');
  }
  return [
    { key: config.digest, ...config },
    ...manifests.map((manifest) => ({ key: `${manifestKey}-${manifest.digest}`, ...manifest })),
    { key: manifestKey, ...own },
  ];
}

/** Writes the files of an image. The record that names them is saved after this. */
export async function writeData(paths: Paths, id: string, items: readonly DataItem[]): Promise<void> {
  const folder = imageFolder(paths, id);
  makeFolder(folder, 0o700);
  await Promise.all(items.map(({ key, bytes }) => replaceFile(join(folder, bigDataFileName(key)), bytes)));
}

/**
 * Removes the data of images that were being deleted when their remover died. The caller holds the lock, under which
 * data is written before its record. A list without images may be one that was lost: then nothing is taken away.
 */
export async function removeOrphanData(paths: Paths, images: Records<ImageRecord>): Promise<void> {
  if (images.all.length === 0) return;
  for (const folder of imageFolders(paths)) {
    for (const name of readdirSync(folder)) {
      if (/^[0-9a-f]{64}$/.test(name) && images.get(name) === undefined) {
        await removeTree(join(folder, name));
      }
    }
  }
}

async function checkDigest({ digest, bytes }: DigestedBytes): Promise<void> {
  const found = await digestBytes(bytes, algorithmOf(digest));
  if (found === digest) return;
  throw new LadingError(Code.DataLoss, `expected ${digest}, the ${bytes.length} bytes are ${found}`, {
    reason: 'DIGEST_MISMATCH',
  });
}

export function algorithmOf(digest: Digest): 'sha256' | 'sha512' {
  return digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256';
}
