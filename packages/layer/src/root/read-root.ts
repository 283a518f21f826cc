// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { LadingError } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import type { LayerSource } from '../layer-source.ts';
import { defaultLimits, type LayerLimits } from '../limits.ts';
import { readLayer } from '../read-layer.ts';
import { createContentsWriter } from './kept-contents.ts';
import { createLayerTree } from './layer-tree.ts';
import { copyTree, mergeLayer } from './merge-layer.ts';
import { createTreeBudget, type Folder, type Inode, newFolder, type TreeBudget } from './tree.ts';

/** A layer of an image. */
export interface RootLayer {
  /** Called once, when its turn comes. */
  open(signal?: AbortSignal): LayerSource;
  /** Checked while it is read. Default: it is not known. */
  readonly diffId?: Digest | undefined;
}

/** The files that a container of some layers sees. */
export interface RootTree {
  readonly folder: Folder;
  /** Where the contents of files are; undefined: nowhere. */
  readonly contentFolder: string | undefined;
}

/** Options of {@link readRoot}. */
export interface ReadRootOptions {
  /** The tree of the layers below the first one, which stays as it is. Default: there are none. */
  readonly below?: RootTree | undefined;
  /** An empty folder, in which the contents of files are kept for `packRoot`. Default: they are not kept. */
  readonly contentFolder?: string | undefined;
  /** Whether the digests of files are computed, for `compareRoots`. Default: false. */
  readonly digests?: boolean | undefined;
  /** As for each layer; `entries` is for all of them together. */
  readonly limits?: Partial<LayerLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Layers are read while others wait for the network or for a thread that decompresses. */
const atOnce = 3;

/**
 * Reads the tree of files that layers make together, the first lowest: whiteouts applied, opaque folders emptied, hard
 * links as names of one file. Nothing is unpacked: no name of a layer becomes one on the disk. A few hundred bytes a
 * file are held in memory.
 *
 * @throws LadingError as `readLayer`, and `invalid_argument` for a name that leads out, or a hard link to nothing
 */
export async function readRoot(
  layers: readonly RootLayer[],
  options: ReadRootOptions = {},
): Promise<RootTree> {
  const { below, contentFolder, limits = {}, signal } = options;
  const budget = createTreeBudget({ ...defaultLimits, ...limits });
  const trees: Folder[] = [];
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const left = [...layers.entries()];
  const read = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, layer] = next;
      trees[index] = await readTree(layer, index, budget, { ...options, signal: either });
    }
  };
  const lanes = Array.from({ length: atOnce }, async () => {
    try {
      await read();
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(lanes);
  // The first one, of which the others are consequences.
  if (failed.signal.aborted) throw LadingError.from(failed.signal.reason);
  const folder = below === undefined ? newFolder() : copyTree(below.folder);
  for (const tree of trees) mergeLayer(folder, tree);
  return { folder, contentFolder };
}

/** The tree of one layer. */
export async function readTree(
  layer: RootLayer,
  index: number,
  budget: TreeBudget,
  { contentFolder, digests = false, limits, signal }: ReadRootOptions,
): Promise<Folder> {
  const tree = createLayerTree(index, budget);
  await using contents =
    contentFolder === undefined ? undefined : await createContentsWriter(contentFolder, index);
  let file: { readonly inode: Inode; readonly hash: Hash | undefined } | undefined;
  for await (const event of readLayer(layer.open(signal), { diffId: layer.diffId, limits, signal })) {
    if (event.kind === 'entry') {
      const inode = tree.add(event.entry);
      file = inode && { inode, hash: digests ? createHash('sha256') : undefined };
      if (inode !== undefined) contents?.begin(inode);
    } else if (file !== undefined && event.kind === 'content') {
      file.hash?.update(event.bytes);
      await contents?.put(event.bytes);
    } else if (file?.hash !== undefined) {
      file.inode.digest = parseDigest(`sha256:${file.hash.digest('hex')}`);
    }
  }
  tree.end();
  await contents?.end();
  return tree.root;
}
