// SPDX-License-Identifier: Apache-2.0
import { shortId } from './ids.ts';
import { originalOf } from './layer-folder.ts';
import type { Records } from './ledger.ts';
import type { Paths } from './paths.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';

export interface LayerUsers {
  readonly paths: Paths;
  readonly layers: Records<LayerRecord>;
  readonly images: Records<ImageRecord>;
  readonly containers: Records<ContainerRecord>;
}

/** What a layer is needed for, in words; undefined when for nothing. Layers in `leaving` do not count. */
export function userOfLayer(
  id: string,
  users: LayerUsers,
  leaving: ReadonlySet<string> = new Set(),
): string | undefined {
  const image = users.images.all.find(
    ({ topLayer, mappedLayers }) => topLayer === id || mappedLayers.includes(id),
  );
  if (image !== undefined) return `image ${image.names[0] ?? shortId(image.id)}`;
  const container = users.containers.all.find(({ layer }) => layer === id);
  if (container !== undefined) return `container ${container.names[0] ?? shortId(container.id)}`;
  const child = users.layers.all.find(
    (layer) => !leaving.has(layer.id) && (layer.parent === id || originalOf(users.paths, layer) === id),
  );
  return child && `layer ${shortId(child.id)}`;
}
