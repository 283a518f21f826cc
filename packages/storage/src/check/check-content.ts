// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { digestAlgorithm } from '@lading/image-spec';
import { tarEntries } from '@lading/layer';
import { contentFolders, driverHome, layerFolder, tarSplitPath } from '../layer-folder.ts';
import { archiveOf } from '../layer-stream.ts';
import type { Paths } from '../paths.ts';
import type { LayerRecord } from '../records.ts';
import { compareCopy } from './compare-copy.ts';
import { compareTree } from './compare-tree.ts';
import { type Fault, newFault, shown } from './fault.ts';
import { createLayerTree, type LayerTree } from './layer-tree.ts';

const mostDifferences = 100;

export interface ContentOptions {
  /** The layer that this one is a copy of, with other owners. */
  readonly original: LayerRecord | undefined;
  readonly overlayXattrs: 'trusted' | 'user';
  readonly ignoresOwners: boolean;
  /** Also compare what is on disk with what the archive says of it. */
  readonly comparesTree: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Puts a layer's archive together again, and compares its digest and length with the record. The layer of a container
 * has none: nobody can vouch for it.
 */
export async function* checkContent(
  paths: Paths,
  layer: LayerRecord,
  options: ContentOptions,
): AsyncGenerator<Fault> {
  const { id, diffDigest, diffSize } = layer;
  if (diffDigest === undefined) return;
  const path = tarSplitPath(paths, id);
  if (!existsSync(path)) {
    const isApart = driverHome(paths, id) !== paths;
    // Many graph roots can share a store of images, and the one that a layer came through has the file.
    if (isApart) yield newFault('layer-tar-split', { id, path }, 'another graph root may have it', 'none');
    else yield newFault('layer-tar-split', { id, path });
    return;
  }
  // Where owners were mapped, the files are no longer what the archive says.
  const isAsUnpacked =
    layer.uidMap.length === 0 && layer.gidMap.length === 0 && contentFolders(paths, id).length === 1;
  let tree = options.comparesTree && isAsUnpacked ? createLayerTree() : undefined;
  const algorithm = digestAlgorithm(diffDigest);
  let found: Measured;
  try {
    try {
      found = await measure(archiveOf(paths, id, options), algorithm, tree);
    } catch (error) {
      if (tree === undefined || !isOfParser(LadingError.from(error))) throw error;
      // Other tools have taken an archive that we would not; its digest can be compared all the same.
      tree = undefined;
      found = await measure(archiveOf(paths, id, options), algorithm, tree);
    }
  } catch (error) {
    const failure = LadingError.from(error);
    if (!isOfLayer(failure)) throw failure;
    // Of the names of the layers below, which have a fault of their own.
    if (failure.reason === 'LAYER_DAMAGED') return;
    const isFile = failure.reason === 'TAR_SPLIT_CHECKSUM' || failure.reason === 'TAR_SPLIT_FILE';
    yield newFault(isFile ? 'layer-file' : 'layer-tar-split', { id, path }, shown(failure.message));
    return;
  }
  if (found.digest !== diffDigest) {
    yield newFault('layer-digest', { id, path }, `${found.digest} instead of ${diffDigest}`);
    return;
  }
  // 0 is left out of records, and -1 stands for a layer of which only the table of contents is known.
  if (diffSize !== undefined && diffSize > 0 && diffSize !== found.sizeBytes) {
    yield newFault('layer-size', { id, path }, `${found.sizeBytes} bytes instead of ${diffSize}`);
    return;
  }
  const { original, overlayXattrs, ignoresOwners, signal } = options;
  const diff = join(layerFolder(paths, id), 'diff');
  if (tree !== undefined) yield* told(id, diff, compareTree(diff, tree.root, { ignoresOwners, signal }));
  else if (original !== undefined && options.comparesTree) {
    yield* told(id, diff, compareCopy(paths, layer, original, { overlayXattrs, signal }));
  }
}

interface Measured {
  readonly digest: string;
  readonly sizeBytes: number;
}

async function measure(
  archive: AsyncIterable<Uint8Array>,
  algorithm: string,
  tree: LayerTree | undefined,
): Promise<Measured> {
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
  if (tree === undefined) for await (const _ of counted());
  else for await (const entry of tarEntries(counted())) tree.add(entry);
  return { digest: `${algorithm}:${hash.digest('hex')}`, sizeBytes };
}

function isOfParser({ code, reason }: LadingError): boolean {
  return code === Code.InvalidArgument || code === Code.Unimplemented || reason === 'LAYER_LIMIT';
}

/** Whether an error says something of the layer, and not of this process or the machine. */
function isOfLayer({ code }: LadingError): boolean {
  const others: readonly Code[] = [
    Code.Canceled,
    Code.DeadlineExceeded,
    Code.ResourceExhausted,
    Code.PermissionDenied,
  ];
  return !others.includes(code);
}

/** Faults of as many differences as anyone reads. */
async function* told(id: string, path: string, differences: AsyncIterable<string>): AsyncGenerator<Fault> {
  let count = 0;
  for await (const difference of differences) {
    count += 1;
    if (count <= mostDifferences) yield newFault('layer-modified', { id, path }, difference);
  }
  if (count > mostDifferences) {
    yield newFault('layer-modified', { id, path }, `${count - mostDifferences} more differences`);
  }
}
