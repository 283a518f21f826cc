// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere, type Paths } from '../paths.ts';
import { emptyRecord } from '../record-json.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from '../records.ts';
import { recordTime } from '../time.ts';

/** The layer of a container, as the runtime's config that most tools keep with the container names it. */
export function storedLayerOf(paths: Paths, id: string): string | undefined {
  const folder = join(paths.containers, id, 'userdata');
  const text = ifThere(() => readFileSync(join(folder, 'config.json'), 'utf8'));
  const root = /"root"\s*:\s*\{[^{}]*"path"\s*:\s*"[^"]*\/overlay\/([0-9a-f]{64})\/merged"/.exec(text ?? '');
  return root?.[1];
}

/** Makes the record of a container anew; undefined when nothing says which layer it has. */
export function rebuiltContainer(
  paths: Paths,
  id: string,
  layers: ReadonlyMap<string, LayerRecord>,
  images: readonly ImageRecord[],
): ContainerRecord | undefined {
  const layer = layers.get(storedLayerOf(paths, id) ?? '');
  if (layer === undefined) return undefined;
  const image = images.find(
    ({ topLayer, mappedLayers }) =>
      layer.parent !== undefined && [topLayer, ...mappedLayers].includes(layer.parent),
  );
  // podman and CRI-O name the layer after the container.
  const names = layer.names.map((name) => name.replace(/-layer$/, ''));
  return {
    ...emptyRecord(id, recordTime(statSync(join(paths.containers, id)).mtime)),
    names,
    imageId: image?.id,
    layer: layer.id,
    bigDataSizes: {},
    bigDataDigests: {},
    uidMap: layer.uidMap,
    gidMap: layer.gidMap,
    flags: { MountLabel: '', ProcessLabel: '' },
  };
}
