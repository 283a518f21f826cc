// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { incomplete } from '../layer-ledger.ts';
import type { Paths } from '../paths.ts';
import { imageFormat, layerFormat } from '../record-json.ts';
import type { ImageRecord, LayerRecord } from '../records.ts';
import { readRecordFile } from './record-file.ts';

/** Records of the stores that are only read. They are neither checked nor changed, but what is here may need them. */
export interface OtherRecords {
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly images: ReadonlyMap<string, ImageRecord>;
  /** In words, why some records may not be known: a store that is not there now, or a file of one that is broken. */
  readonly unknown: string | undefined;
}

/** Reads them without the locks of those stores: their files are replaced as a whole. */
export function surveyOthers({ others, absentOthers }: Paths): OtherRecords {
  const layers = new Map<string, LayerRecord>();
  const images = new Map<string, ImageRecord>();
  let unknown = absentOthers[0] === undefined ? undefined : `there is no store in ${absentOthers[0]} now`;
  const readAll = <R extends { readonly id: string }>(
    path: string,
    format: Parameters<typeof readRecordFile<R>>[1],
  ): readonly R[] => {
    const { records, salvaged, faults } = readRecordFile(path, format);
    if (faults.length > 0) unknown ??= `${path} is damaged`;
    return [...records, ...salvaged];
  };
  for (const { layers: layersFolder, images: imagesFolder } of others) {
    for (const name of ['layers.json', 'volatile-layers.json']) {
      for (const layer of readAll(join(layersFolder, name), layerFormat)) {
        if (layer.flags[incomplete] !== true && !layers.has(layer.id)) layers.set(layer.id, layer);
      }
    }
    for (const image of readAll(join(imagesFolder, 'images.json'), imageFormat)) {
      if (!images.has(image.id)) images.set(image.id, image);
    }
  }
  return { layers, images, unknown };
}
