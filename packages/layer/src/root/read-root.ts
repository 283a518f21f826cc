// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { type Digest, parseDigest } from '@lading/image-spec';
import type { LayerSource } from '../layer-source.ts';
import { defaultLimits, type LayerLimits } from '../limits.ts';
import { readLayer } from '../read-layer.ts';
import { createLayerTree } from './layer-tree.ts';
import { copyTree, mergeLayer } from './merge-layer.ts';
import { createTreeBudget, type Folder, type Inode, newFolder } from './tree.ts';

/** A layer of an image, that can be read more than once. */
export interface RootLayer {
  open(signal?: AbortSignal): LayerSource;
  /** Checked while it is read. Default: it is not known. */
  readonly diffId?: Digest | undefined;
}

/** The files that a container of some layers sees, without their content. */
export interface RootTree {
  readonly folder: Folder;
}

/** Options of {@link readRoot}. */
export interface ReadRootOptions {
  /** The tree of the layers below the first one, which stays as it is. Default: there are none. */
  readonly below?: RootTree | undefined;
  /** Whether the digests of files are computed, for a comparison. Default: false. */
  readonly digests?: boolean | undefined;
  /** As for each layer; `entries` is for all of them together. */
  readonly limits?: Partial<LayerLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the tree of files that layers make together, the first lowest: whiteouts applied, opaque folders emptied, hard
 * links as names of one file. Nothing is unpacked; a few hundred bytes a file are held in memory.
 *
 * @throws LadingError as `readLayer`, and `invalid_argument` for a name that leads out, or a hard link to nothing
 */
export async function readRoot(
  layers: readonly RootLayer[],
  { below, digests = false, limits = {}, signal }: ReadRootOptions = {},
): Promise<RootTree> {
  const folder = below === undefined ? newFolder() : copyTree(below.folder);
  const budget = createTreeBudget({ ...defaultLimits, ...limits });
  for (const [index, layer] of layers.entries()) {
    const tree = createLayerTree(index, budget);
    let file: { readonly inode: Inode; readonly hash: Hash } | undefined;
    for await (const event of readLayer(layer.open(signal), { diffId: layer.diffId, limits, signal })) {
      if (event.kind === 'entry') {
        const inode = tree.add(event.entry);
        file = inode === undefined || !digests ? undefined : { inode, hash: createHash('sha256') };
      } else if (event.kind === 'content') file?.hash.update(event.bytes);
      else if (file !== undefined) file.inode.digest = parseDigest(`sha256:${file.hash.digest('hex')}`);
    }
    tree.end();
    mergeLayer(folder, tree.root);
  }
  return { folder };
}
