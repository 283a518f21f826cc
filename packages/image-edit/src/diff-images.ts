// SPDX-License-Identifier: Apache-2.0
import { onSide } from '@lading/image-copy';
import {
  type CompareRootsOptions,
  compareRoots,
  type ReadRootOptions,
  type RootDifference,
  type RootLayer,
  type RootTree,
  readRoot,
} from '@lading/layer';
import type { Image } from './image.ts';
import { rootLayers } from './root-layers.ts';

/** Options of {@link diffImages}. */
export interface DiffImagesOptions extends CompareRootsOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * In which files two images differ, sorted by path. Each layer is read once and nothing is unpacked; layers that both
 * begin with are read once for both.
 *
 * @throws as `exportImage`
 */
export async function diffImages(
  before: Image,
  after: Image,
  { times, signal }: DiffImagesOptions = {},
): Promise<readonly RootDifference[]> {
  const [old, now] = [rootLayers(before), rootLayers(after)];
  const differing = old.findIndex(({ diffId }, i) => diffId !== now[i]?.diffId);
  const shared = differing === -1 ? old.length : differing;
  const options = { digests: true, signal };
  const below = await rootOf(before, old.slice(0, shared), options);
  const [a, b] = await Promise.all([
    rootOf(before, old.slice(shared), { ...options, below }),
    rootOf(after, now.slice(shared), { ...options, below }),
  ]);
  return [...compareRoots(a, b, { times })];
}

/** Whose layer is wrong must be said here: around this, both images are open. */
async function rootOf(
  { reference }: Image,
  layers: readonly RootLayer[],
  options: ReadRootOptions,
): Promise<RootTree> {
  try {
    return await readRoot(layers, options);
  } catch (error) {
    throw onSide('source', reference, error);
  }
}
