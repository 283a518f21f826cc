// SPDX-License-Identifier: Apache-2.0
import { type JsonFields, openFields } from './json-fields.ts';
import type { BaseRecord, ContainerRecord, IdMapping, ImageRecord, LayerRecord } from './records.ts';

/** How records of one kind are read and written. Members are in the order in which Go writes them. */
export interface RecordFormat<R> {
  decode(value: unknown, where: string): R;
  encode(record: R): object;
}

export const layerFormat: RecordFormat<LayerRecord> = {
  decode(value, where) {
    const fields = openFields(value, where);
    return {
      id: fields.id('id'),
      names: fields.texts('names'),
      parent: fields.text('parent') && fields.id('parent'),
      metadata: fields.text('metadata'),
      mountLabel: fields.text('mountlabel'),
      created: fields.time('created'),
      compressedDiffDigest: fields.digest('compressed-diff-digest'),
      compressedSize: fields.integer('compressed-size'),
      diffDigest: fields.digest('diff-digest'),
      tocDigest: fields.digest('toc-digest'),
      diffSize: fields.integer('diff-size'),
      compression: fields.integer('compression') ?? 0,
      uidSet: fields.integers('uidset'),
      gidSet: fields.integers('gidset'),
      flags: fields.object('flags'),
      uidMap: fields.mappings('uidmap'),
      gidMap: fields.mappings('gidmap'),
      bigDataNames: fields.texts('big-data-names'),
      unknownFields: fields.rest(),
    };
  },
  encode: (record) => ({
    id: record.id,
    names: some(record.names),
    parent: record.parent,
    metadata: record.metadata,
    mountlabel: record.mountLabel,
    created: record.created,
    'compressed-diff-digest': record.compressedDiffDigest,
    'compressed-size': record.compressedSize || undefined,
    'diff-digest': record.diffDigest,
    'toc-digest': record.tocDigest,
    'diff-size': record.diffSize || undefined,
    compression: record.compression || undefined,
    uidset: some(record.uidSet),
    gidset: some(record.gidSet),
    flags: someOf(record.flags),
    ...encodedMaps(record),
    'big-data-names': some(record.bigDataNames),
    ...record.unknownFields,
  }),
};

export const imageFormat: RecordFormat<ImageRecord> = {
  decode(value, where) {
    const fields = openFields(value, where);
    return {
      id: fields.id('id'),
      digest: fields.digest('digest'),
      names: fields.texts('names'),
      namesHistory: fields.texts('names-history'),
      topLayer: fields.text('layer') && fields.id('layer'),
      mappedLayers: fields.texts('mapped-layers'),
      metadata: fields.text('metadata'),
      ...decodedData(fields),
      created: fields.time('created'),
      flags: fields.object('flags'),
      unknownFields: fields.rest(),
    };
  },
  encode: (record) => ({
    id: record.id,
    digest: record.digest,
    names: some(record.names),
    'names-history': some(record.namesHistory),
    layer: record.topLayer,
    'mapped-layers': some(record.mappedLayers),
    metadata: record.metadata,
    ...encodedData(record),
    created: record.created,
    flags: someOf(record.flags),
    ...record.unknownFields,
  }),
};

export const containerFormat: RecordFormat<ContainerRecord> = {
  decode(value, where) {
    const fields = openFields(value, where);
    return {
      id: fields.id('id'),
      names: fields.texts('names'),
      imageId: fields.text('image') && fields.id('image'),
      layer: fields.id('layer'),
      metadata: fields.text('metadata'),
      ...decodedData(fields),
      created: fields.time('created'),
      uidMap: fields.mappings('uidmap'),
      gidMap: fields.mappings('gidmap'),
      flags: fields.object('flags'),
      unknownFields: fields.rest(),
    };
  },
  encode: (record) => ({
    id: record.id,
    names: some(record.names),
    image: record.imageId ?? '',
    layer: record.layer,
    metadata: record.metadata,
    ...encodedData(record),
    created: record.created,
    ...encodedMaps(record),
    flags: someOf(record.flags),
    ...record.unknownFields,
  }),
};

type Data = Pick<ImageRecord, 'bigDataNames' | 'bigDataSizes' | 'bigDataDigests'>;

function decodedData(fields: JsonFields): Data {
  return {
    bigDataNames: fields.texts('big-data-names'),
    bigDataSizes: fields.sizes('big-data-sizes'),
    bigDataDigests: fields.digests('big-data-digests'),
  };
}

function encodedData(record: Data): object {
  return {
    'big-data-names': some(record.bigDataNames),
    'big-data-sizes': someOf(record.bigDataSizes),
    'big-data-digests': someOf(record.bigDataDigests),
  };
}

function encodedMaps(record: Pick<LayerRecord, 'uidMap' | 'gidMap'>): object {
  return { uidmap: some(record.uidMap.map(encodedMap)), gidmap: some(record.gidMap.map(encodedMap)) };
}

function encodedMap({ containerId, hostId, size }: IdMapping): object {
  return { container_id: containerId, host_id: hostId, size };
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function someOf<T extends object>(object: T): T | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}

/** A record with nothing in it but an id and a time. */
export function emptyRecord(id: string, created: string): BaseRecord {
  return {
    id,
    created,
    names: [],
    metadata: undefined,
    bigDataNames: [],
    flags: {},
    unknownFields: {},
  };
}

/** A layer's record of which only the id, the time and the layer below are known. */
export function emptyLayerRecord(id: string, created: string, parent: string | undefined): LayerRecord {
  return {
    ...emptyRecord(id, created),
    parent,
    mountLabel: undefined,
    compressedDiffDigest: undefined,
    compressedSize: undefined,
    diffDigest: undefined,
    diffSize: undefined,
    tocDigest: undefined,
    compression: 0,
    uidSet: [],
    gidSet: [],
    uidMap: [],
    gidMap: [],
  };
}
