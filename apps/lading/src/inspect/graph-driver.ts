// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ContainerInfo, Engine } from '@lading/engine';

interface GraphDriver {
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
  const folder = (layer: string, name: string): string => join(store.graphRoot, 'overlay', layer, name);
  const lower: string[] = [];
  for (let below = parents.get(layerId); below; below = parents.get(below)) lower.push(folder(below, 'diff'));
  return {
    Name: 'overlay',
    Data: new Map([
      ...(lower.length > 0 ? [['LowerDir', lower.join(':')] as const] : []),
      ...(run?.rootfs ? [['MergedDir', run.rootfs] as const] : []),
      ['UpperDir', folder(layerId, 'diff')],
      ['WorkDir', folder(layerId, 'work')],
    ]),
  };
}
