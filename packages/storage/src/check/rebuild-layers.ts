// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import { tarEntries } from '@lading/layer';
import { layerId } from '../ids.ts';
import { driverHome, layerFolder, lowerIds, tarSplitPath } from '../layer-folder.ts';
import { archiveOf } from '../layer-stream.ts';
import type { Paths } from '../paths.ts';
import { emptyLayerRecord } from '../record-json.ts';
import type { LayerRecord } from '../records.ts';
import { recordTime } from '../time.ts';
import type { StoredBlob } from './stored-images.ts';

/**
 * Makes the record of a layer anew from what is on disk: its archive, put together again, gives digest, size and owners,
 * and the id must follow from them, so that nothing is guessed. Undefined when that cannot be.
 *
 * @param blobs what the manifests in the store say of compressed layers, by diffID
 * @param isContainers whether it is the layer of a container, which has no archive
 */
export async function rebuiltLayer(
  paths: Paths,
  id: string,
  blobs: ReadonlyMap<Digest, StoredBlob>,
  isContainers: boolean,
  signal: AbortSignal | undefined,
): Promise<LayerRecord | undefined> {
  const parent = parentOf(paths, id);
  const plain = { ...emptyLayer(paths, id), parent };
  if (!existsSync(tarSplitPath(paths, id))) return isContainers ? plain : undefined;
  try {
    const { diffDigest, ...measured } = await measure(paths, id, signal);
    if (layerId(parent, diffDigest) !== id) return undefined;
    const blob = blobs.get(diffDigest);
    return {
      ...plain,
      ...measured,
      diffDigest,
      compressedDiffDigest: blob?.digest,
      compressedSize: blob?.sizeBytes,
      compression: blob?.compression ?? 0,
    };
  } catch (error) {
    const failure = LadingError.from(error);
    if (hasCode(failure, Code.Canceled) || hasCode(failure, Code.DeadlineExceeded)) throw failure;
    return undefined;
  }
}

/**
 * The same for a layer whose archive is with another graph root on the same store of images: its id follows from what
 * the config of an image says of it and of those below it. Its size and owners stay unknown.
 */
export function sharedLayer(
  paths: Paths,
  id: string,
  diffIds: ReadonlyMap<string, Digest>,
  blobs: ReadonlyMap<Digest, StoredBlob>,
): LayerRecord | undefined {
  const diffDigest = diffIds.get(id);
  const parent = parentOf(paths, id);
  if (diffDigest === undefined || layerId(parent, diffDigest) !== id) return undefined;
  if (driverHome(paths, id) === paths || existsSync(tarSplitPath(paths, id))) return undefined;
  const blob = blobs.get(diffDigest);
  return {
    ...emptyLayer(paths, id),
    parent,
    diffDigest,
    compressedDiffDigest: blob?.digest,
    compressedSize: blob?.sizeBytes,
    compression: blob?.compression ?? 0,
  };
}

function parentOf(paths: Paths, id: string): string | undefined {
  try {
    return lowerIds(paths, id)[0];
  } catch {
    return undefined;
  }
}

function emptyLayer(paths: Paths, id: string): LayerRecord {
  return emptyLayerRecord(id, recordTime(statSync(layerFolder(paths, id)).mtime), undefined);
}

type Measured = { readonly diffDigest: Digest } & Pick<LayerRecord, 'diffSize' | 'uidSet' | 'gidSet'>;

async function measure(paths: Paths, id: string, signal: AbortSignal | undefined): Promise<Measured> {
  const hash = createHash('sha256');
  let diffSize = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of archiveOf(paths, id, { signal })) {
      hash.update(chunk);
      diffSize += chunk.length;
      yield chunk;
    }
  }
  const uids = new Set<number>();
  const gids = new Set<number>();
  for await (const { name, uid, gid } of tarEntries(counted())) {
    if (/(^|\/)\.wh\.[^/]*$/.test(name.toString('latin1'))) continue;
    uids.add(uid);
    gids.add(gid);
  }
  const sorted = (ids: Set<number>): number[] => [...ids].sort((a, b) => a - b);
  return {
    diffDigest: parseDigest(`sha256:${hash.digest('hex')}`),
    diffSize,
    uidSet: sorted(uids),
    gidSet: sorted(gids),
  };
}
