// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Digest,
  digestHex,
  parseDigest,
  parseImageConfig,
  parseManifest,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { bigDataFileName } from '../big-data-name.ts';
import { layerId } from '../ids.ts';
import { manifestKey } from '../image-data.ts';
import { imageFolder, imageFolders } from '../image-folder.ts';
import { ifThere, type Paths } from '../paths.ts';
import { emptyRecord } from '../record-json.ts';
import type { ImageRecord } from '../records.ts';
import { recordTime } from '../time.ts';
import { sha256Of } from './check-data.ts';
import { idsIn, namesIn } from './survey.ts';

/** A layer as a manifest names it. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** The number that records have for it. */
  readonly compression: number;
}

/** An image as its files in the store have it. */
export interface StoredImage {
  readonly record: ImageRecord;
  readonly diffIds: readonly Digest[];
  readonly blobs: readonly StoredBlob[];
}

/** Makes the record of an image anew, but for its names, from its files: config and manifest. */
export function storedImage(paths: Paths, id: string): StoredImage | undefined {
  const items = new Map<string, Buffer>();
  const folder = imageFolder(paths, id);
  for (const name of namesIn(folder)) {
    const key = keyOf(name);
    const bytes = key === undefined ? undefined : ifThere(() => readFileSync(join(folder, name)));
    if (key !== undefined && bytes !== undefined) items.set(key, bytes);
  }
  try {
    const configKey = `sha256:${id}`;
    const config = items.get(configKey);
    const manifest = items.get(manifestKey);
    if (config === undefined || manifest === undefined || digestHex(sha256Of(config)) !== id)
      return undefined;
    const { created, rootfs } = parseImageConfig(config);
    const { layers } = parseManifest(manifest);
    const diffIds = rootfs.diff_ids.map(parseDigest);
    const index = [...items].find(([key, bytes]) => key.startsWith(`${manifestKey}-`) && isIndex(bytes));
    const own = (key: string): number => (key === configKey ? 0 : key === manifestKey ? 2 : 1);
    const keys = [...items.keys()].toSorted((a, b) => own(a) - own(b));
    const topLayer = diffIds.reduce<string | undefined>((below, diffId) => layerId(below, diffId), undefined);
    return {
      diffIds,
      blobs: layers.map(({ digest, size, mediaType }) => ({
        digest: parseDigest(digest),
        sizeBytes: size,
        compression: /gzip$/.test(mediaType) ? 2 : /zstd$/.test(mediaType) ? 4 : 0,
      })),
      record: {
        ...emptyRecord(id, recordTime(created)),
        metadata: '{}',
        digest: sha256Of(index?.[1] ?? manifest),
        namesHistory: [],
        topLayer,
        mappedLayers: [],
        bigDataNames: keys,
        bigDataSizes: Object.fromEntries(keys.map((key) => [key, items.get(key)?.length ?? 0])),
        bigDataDigests: Object.fromEntries(keys.map((key) => [key, sha256Of(items.get(key) ?? '')])),
      },
    };
  } catch {
    return undefined; // a file that is not what it was
  }
}

/** What the manifests in a store say of compressed layers, by diffID. */
export function storedBlobs(paths: Paths): ReadonlyMap<Digest, StoredBlob> {
  const found = new Map<Digest, StoredBlob>();
  for (const id of imageFolders(paths).flatMap(idsIn)) {
    const image = storedImage(paths, id);
    image?.diffIds.forEach((diffId, index) => {
      const blob = image.blobs[index];
      if (blob !== undefined) found.set(diffId, blob);
    });
  }
  return found;
}

function isIndex(bytes: Uint8Array): boolean {
  try {
    return parseManifestOrIndex(bytes).kind === 'index';
  } catch {
    return false;
  }
}

function keyOf(name: string): string | undefined {
  const key = name.startsWith('=') ? Buffer.from(name.slice(1), 'base64').toString() : name;
  try {
    return bigDataFileName(key) === name ? key : undefined;
  } catch {
    return undefined;
  }
}
