// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ContainerInfo, Engine, ImageDetails } from '@lading/engine';

export interface GraphDriver {
  readonly Name: 'overlay';
  /** Folders of the host, the layers below with the topmost first. */
  readonly Data: ReadonlyMap<string, string>;
}

/** Where the files of a container are: merged while it is mounted, what it has changed, and what lies below. */
export async function graphDriverOf(
  { store }: Engine,
  { id, run }: ContainerInfo,
): Promise<GraphDriver | undefined> {
  const layerId = (await store.containers.find(id))?.layer;
  if (layerId === undefined) return undefined;
  const parents = new Map((await store.layers.list()).map((layer) => [layer.id, layer.parent]));
  const layers = [layerId];
  for (let below = parents.get(layerId); below; below = parents.get(below)) layers.push(below);
  return overlayOf(store, layers, run?.rootfs);
}

/** Where the files of an image are: its topmost layer, and what lies below. */
export function graphDriverOfImage({ store }: Engine, { layers }: ImageDetails): GraphDriver {
  return overlayOf(store, layers.toReversed());
}

/** @param layers the topmost first */
function overlayOf(
  { graphRoot }: Engine['store'],
  layers: readonly string[],
  merged?: string | undefined,
): GraphDriver {
  const folder = (layer: string, name: string): string => join(graphRoot, 'overlay', layer, name);
  const [top, ...below] = layers;
  const lower = below.map((layer) => folder(layer, 'diff'));
  return {
    Name: 'overlay',
    Data: new Map([
      ...(lower.length > 0 ? [['LowerDir', lower.join(':')] as const] : []),
      ...(merged ? [['MergedDir', merged] as const] : []),
      ...(top === undefined
        ? []
        : [['UpperDir', folder(top, 'diff')] as const, ['WorkDir', folder(top, 'work')] as const]),
    ]),
  };
}
