// SPDX-License-Identifier: Apache-2.0
import { type CompareRootsOptions, compareRoots, type RootDifference, readRoot } from '@lading/layer';
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
  const below = await readRoot(old.slice(0, shared), options);
  const trees = [old, now].map((layers) => readRoot(layers.slice(shared), { ...options, below }));
  const [a = below, b = below] = await Promise.all(trees);
  return [...compareRoots(a, b, { times })];
}
