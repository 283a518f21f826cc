// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { digestAlgorithm, parseDigest } from '@lading/image-spec';
import type { StoreContext } from './context.ts';
import { checkId, shortId } from './ids.ts';
import { type DataItem, dataItems, removeOrphanData, writeData } from './image-data.ts';
import { checkName, withNames } from './image-names.ts';
import type { Records } from './ledger.ts';
import { findReadOnlyLayer } from './read-only-stores.ts';
import { emptyRecord } from './record-json.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { recordTime } from './time.ts';
import type { NewImage } from './types.ts';

/** Adds an image, or what is new of one that is there. */
export async function createImage(
  context: StoreContext,
  request: NewImage,
  signal: AbortSignal | undefined,
): Promise<ImageRecord> {
  const { paths, layers, images } = context;
  const { names = [], topLayer } = request;
  const id = checkId(request.id, 'an image');
  names.map(checkName);
  // Other tools refuse the whole store for one digest that they cannot read.
  if (!/^sha(256|512)$/.test(digestAlgorithm(parseDigest(request.digest)))) {
    throw new LadingError(
      Code.InvalidArgument,
      `image ${shortId(id)}: digest ${request.digest} is not supported`,
    );
  }
  const items = await dataItems(request);
  return layers.reading(signal, async (openLayers) => {
    const isThere = (id: string): Promise<boolean> => hasLayer(context, openLayers, id, signal);
    if (topLayer !== undefined && !(await isThere(topLayer))) {
      throw new LadingError(
        Code.FailedPrecondition,
        `image ${shortId(id)}: its layer ${shortId(topLayer)} is not in the store; add it first`,
        { reason: 'LAYER_UNKNOWN' },
      );
    }
    return images.writing(signal, async (open) => {
      await removeOrphanData(paths, open);
      const existing = open.get(id);
      const record =
        existing === undefined
          ? newRecord(request, items)
          : grown(
              existing,
              request,
              items,
              existing.topLayer !== undefined && (await isThere(existing.topLayer)),
            );
      await writeData(paths, id, items);
      const others = existing === undefined ? [...open.all, record] : open.all;
      const all = others.map((image) => (image === existing ? record : image));
      const saved = withNames(all, id, names);
      await open.save(saved);
      return open.get(id) ?? record;
    });
  });
}

async function hasLayer(
  context: StoreContext,
  own: Records<LayerRecord>,
  id: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return own.get(id) !== undefined || (await findReadOnlyLayer(context, id, signal)) !== undefined;
}

function newRecord(request: NewImage, items: readonly DataItem[]): ImageRecord {
  return {
    ...emptyRecord(request.id, recordTime(request.created)),
    // Signatures are noted here by tools that keep them; an empty note is what others read without complaint.
    metadata: request.metadata ?? '{}',
    digest: request.digest,
    namesHistory: [],
    topLayer: request.topLayer,
    mappedLayers: [],
    ...dataFields(items),
  };
}

/** The record with the data of another pull: the same config can come with other manifests. */
function grown(
  image: ImageRecord,
  request: NewImage,
  items: readonly DataItem[],
  hasLayer: boolean,
): ImageRecord {
  const fields = dataFields(items);
  return {
    ...image,
    metadata: request.metadata ?? image.metadata,
    digest: request.digest,
    topLayer: hasLayer ? image.topLayer : request.topLayer,
    bigDataNames: [...new Set([...image.bigDataNames, ...fields.bigDataNames])],
    bigDataSizes: { ...image.bigDataSizes, ...fields.bigDataSizes },
    bigDataDigests: { ...image.bigDataDigests, ...fields.bigDataDigests },
  };
}

function dataFields(
  items: readonly DataItem[],
): Pick<ImageRecord, 'bigDataNames' | 'bigDataSizes' | 'bigDataDigests'> {
  return {
    bigDataNames: items.map(({ key }) => key),
    bigDataSizes: Object.fromEntries(items.map(({ key, bytes }) => [key, bytes.length])),
    bigDataDigests: Object.fromEntries(items.map(({ key, digest }) => [key, digest])),
  };
}
