// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { findRecord } from './find-record.ts';
import { bigDataFileName } from './ids.ts';
import { deleteLayerLocked, readAndRepair, readContainers, readLayers, userOf } from './layers.ts';
import type { Layout } from './layout.ts';
import { stamp, withLocks } from './locks.ts';
import { type RawRecord, readRecords, writeRecords, writeWhole } from './record-file.ts';
import { type ImageRecord, imageFields, imageOf, textsAt } from './records.ts';

/** A document with its digest. */
export interface StoredDocument {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface NewImage {
  /** Hex of the config's digest. */
  readonly id: string;
  /** Full references. One that another image has is taken from it. */
  readonly names: readonly string[];
  readonly topLayer?: string;
  /** Of the manifest or list that the reference resolved to. */
  readonly digest: Digest;
  /** The image's own manifest, and the list that it was chosen from if there was one. */
  readonly manifests: readonly StoredDocument[];
  readonly config: StoredDocument;
  /** Default: now. */
  readonly created?: Date | string;
}

/** The images of a store. */
export interface Images {
  list(): Promise<readonly ImageRecord[]>;
  /** By id, name, or a unique prefix of an id. */
  find(wanted: string): Promise<ImageRecord | undefined>;
  /** Adds an image, or names and manifests to one that is there. @throws LadingError `not_found` without its layer */
  create(image: NewImage): Promise<ImageRecord>;
  addName(id: string, name: string): Promise<ImageRecord>;
  /** The image stays, also without names. */
  removeName(id: string, name: string): Promise<ImageRecord>;
  /** Removes an image, and each of its layers that nothing else stands on. @throws LadingError `failed_precondition` when a container uses it */
  delete(id: string, options?: { readonly force?: boolean }): Promise<void>;
  readManifest(id: string): Promise<Uint8Array>;
  readConfig(id: string): Promise<Uint8Array>;
  /** A piece of big data, such as `manifest-<digest>`; undefined when there is none. */
  bigData(id: string, key: string): Promise<Uint8Array | undefined>;
}

export function createImages(layout: Layout): Images {
  const file = join(layout.images, 'images.json');
  const dataFile = (id: string, key: string): string => join(layout.images, id, bigDataFileName(key));
  const list = (): Promise<readonly ImageRecord[]> =>
    withLocks([[layout.imagesLock, 'shared']], undefined, async () => (await readRecords(file)).map(imageOf));

  const bigData = async (id: string, key: string): Promise<Uint8Array | undefined> => {
    const image = (await list()).find((record) => record.id === id);
    if (image === undefined || !image.bigDataNames.includes(key)) return undefined;
    return readFile(dataFile(id, key));
  };
  const needed = async (id: string, key: string): Promise<Uint8Array> => {
    const bytes = await bigData(id, key);
    if (bytes !== undefined) return bytes;
    throw new LadingError(Code.NotFound, `the store has no ${key} of image ${id}`);
  };

  /** Changes the records with the lock held; each change is one save. */
  const change = <T>(
    work: (records: readonly RawRecord[]) => Promise<{ records: readonly RawRecord[]; result: T }>,
  ): Promise<T> =>
    withLocks(
      [
        [layout.layersLock, 'shared'],
        [layout.imagesLock, 'exclusive'],
      ],
      undefined,
      async ([, lock]) => {
        const { records, result } = await work(await readRecords(file));
        if (lock !== undefined) stamp(lock);
        await writeRecords(file, records, imageFields);
        return result;
      },
    );

  const changeNames = (
    id: string,
    names: (before: readonly string[]) => readonly string[],
  ): Promise<ImageRecord> =>
    change(async (records) => {
      const raw = records.find((record) => record.id === id);
      if (raw === undefined) throw new LadingError(Code.NotFound, `image ${id} is not in the store`);
      const after = withNames(raw, names(textsAt(raw, 'names')));
      return {
        records: withoutNames(records, id, textsAt(after, 'names')).map((record) =>
          record.id === id ? after : record,
        ),
        result: imageOf(after),
      };
    });

  return {
    list,
    bigData,
    find: async (wanted) => findRecord(await list(), wanted.replace(/^sha256:(?=[0-9a-f]+$)/, ''), 'image'),
    readManifest: (id) => needed(id, 'manifest'),
    readConfig: (id) => needed(id, `sha256:${id}`),
    addName: (id, name) => changeNames(id, (before) => [name, ...before.filter((other) => other !== name)]),
    removeName: (id, name) => changeNames(id, (before) => before.filter((other) => other !== name)),
    create: (image) =>
      change(async (records) => {
        if (
          image.topLayer !== undefined &&
          !(await readLayers(layout)).some(({ id }) => id === image.topLayer)
        ) {
          throw new LadingError(
            Code.NotFound,
            `layer ${image.topLayer} of image ${image.id} is not in the store`,
          );
        }
        const before = records.find((record) => record.id === image.id) ?? emptyRecord(image);
        const pieces = piecesOf(image);
        await mkdir(join(layout.images, image.id), { recursive: true, mode: 0o700 });
        for (const [key, { bytes }] of pieces) await writeWhole(dataFile(image.id, key), bytes, true);
        const names = [
          ...image.names,
          ...textsAt(before, 'names').filter((name) => !image.names.includes(name)),
        ];
        const after = withNames(withPieces({ ...before, digest: image.digest }, pieces), names);
        const others = withoutNames(records, image.id, image.names).filter(
          (record) => record.id !== image.id,
        );
        return { records: [...others, after], result: imageOf(after) };
      }),
    async delete(id, _options = {}) {
      const locks = [layout.layersLock, layout.imagesLock, layout.containersLock].map(
        (path) => [path, 'exclusive'] as const,
      );
      await withLocks(locks, undefined, async ([layersLock, imagesLock]) => {
        const records = await readRecords(file);
        const raw = records.find((record) => record.id === id);
        if (raw === undefined) throw new LadingError(Code.NotFound, `image ${id} is not in the store`);
        const user = (await readContainers(layout)).find((container) => container.image === id);
        if (user !== undefined) {
          const name = textsAt(user, 'names')[0] ?? user.id;
          throw new LadingError(
            Code.FailedPrecondition,
            `image ${id.slice(0, 12)} is used by the container ${name}`,
            { reason: 'IMAGE_IN_USE', details: { containerId: user.id } },
          );
        }
        if (imagesLock !== undefined) stamp(imagesLock);
        await writeRecords(
          file,
          records.filter((record) => record.id !== id),
          imageFields,
        );
        await rm(join(layout.images, id), { recursive: true, force: true });
        const layers = await readAndRepair(layout, layersLock);
        const parents = new Map(
          layers.map((layer) => [
            layer.id,
            typeof layer.parent === 'string' && layer.parent !== '' ? layer.parent : undefined,
          ]),
        );
        let next = imageOf(raw).topLayer;
        while (next !== undefined && parents.has(next) && (await userOf(layout, next)) === undefined) {
          const parent = parents.get(next);
          await deleteLayerLocked(layout, layersLock, next);
          next = parent;
        }
      });
    },
  };
}

function emptyRecord(image: NewImage): RawRecord {
  const created = image.created === undefined ? new Date() : new Date(image.created);
  return {
    id: image.id,
    digest: image.digest,
    ...(image.topLayer === undefined ? {} : { layer: image.topLayer }),
    metadata: '{}',
    created: (Number.isNaN(created.getTime()) ? new Date() : created).toISOString(),
  };
}

/** Big data by key. `manifest` is the image's own, not the list. */
function piecesOf(image: NewImage): readonly (readonly [string, StoredDocument])[] {
  const own =
    image.manifests.find(({ bytes }) => Buffer.from(bytes).toString().includes(image.config.digest)) ??
    image.manifests[0];
  return [
    ...image.manifests.map((document) => [`manifest-${document.digest}`, document] as const),
    ...(own === undefined ? [] : [['manifest', own] as const]),
    [image.config.digest, image.config],
  ];
}

function withPieces(raw: RawRecord, pieces: readonly (readonly [string, StoredDocument])[]): RawRecord {
  const old = textsAt(raw, 'big-data-names');
  const keys = pieces.map(([key]) => key);
  const sizes = Object.fromEntries(pieces.map(([key, { bytes }]) => [key, bytes.length]));
  const digests = Object.fromEntries(
    pieces.map(([key, { digest, bytes }]) => [
      key,
      key.startsWith('manifest') ? digest : `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    ]),
  );
  return {
    ...raw,
    'big-data-names': [...old, ...keys.filter((key) => !old.includes(key))],
    'big-data-sizes': { ...(raw['big-data-sizes'] as object | undefined), ...sizes },
    'big-data-digests': { ...(raw['big-data-digests'] as object | undefined), ...digests },
  };
}

function withNames(raw: RawRecord, names: readonly string[]): RawRecord {
  const { names: _names, 'names-history': _history, ...rest } = raw;
  const history = [...new Set([...names, ...textsAt(raw, 'names'), ...textsAt(raw, 'names-history')])];
  return {
    ...rest,
    id: raw.id,
    ...(names.length === 0 ? {} : { names }),
    ...(history.length === 0 ? {} : { 'names-history': history }),
  };
}

/** A name is on one image only. */
function withoutNames(
  records: readonly RawRecord[],
  id: string,
  names: readonly string[],
): readonly RawRecord[] {
  return records.map((raw) => {
    const kept = textsAt(raw, 'names').filter((name) => !names.includes(name));
    return raw.id === id || kept.length === textsAt(raw, 'names').length ? raw : withNames(raw, kept);
  });
}
