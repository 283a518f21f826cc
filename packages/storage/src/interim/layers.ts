// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { type AppliedLayer, type ApplyOptions, applyLayer } from '@lading/layer';
import { layerIdFor } from './ids.ts';
import { likeParent, makeLayerFolder, removeLayerFolder } from './layer-folder.ts';
import type { Layout } from './layout.ts';
import { stamp, withLocks } from './locks.ts';
import { type RawRecord, readRecords, writeRecords } from './record-file.ts';
import { isIncomplete, type LayerRecord, layerFields, layerOf } from './records.ts';
import { makeStagingFolder } from './staging.ts';

export interface StageOptions {
  /** The blob's digest. @throws LadingError `data_loss` when it differs */
  readonly expectedDigest?: Digest;
  readonly expectedDiffId?: Digest;
  readonly signal?: AbortSignal;
  readonly limits?: NonNullable<ApplyOptions['limits']>;
  readonly onProgress?: NonNullable<ApplyOptions['onProgress']>;
}

/** A layer that is unpacked and verified, and in no one's sight. */
export interface StagedLayer {
  readonly applied: AppliedLayer;
  /** Puts it into the store on top of `parent`; where another process was faster, theirs is taken. */
  commit(parent?: string): Promise<LayerRecord>;
  discard(): Promise<void>;
}

/** The layers of a store. Unpacking holds no lock, so any number of layers can be staged at a time. */
export interface Layers {
  list(): Promise<readonly LayerRecord[]>;
  get(id: string): Promise<LayerRecord | undefined>;
  /** The id that a layer has on top of a parent, whether it is there or not. */
  idFor(parent: string | undefined, diffId: Digest): string;
  stage(source: AsyncIterable<Uint8Array>, options?: StageOptions): Promise<StagedLayer>;
  add(
    source: AsyncIterable<Uint8Array>,
    options?: StageOptions & { readonly parent?: string },
  ): Promise<LayerRecord>;
  /** @throws LadingError `failed_precondition` when an image, a container or another layer stands on it */
  delete(id: string): Promise<void>;
  /** The tar-split file of a layer. */
  tarSplitFile(id: string): string;
  /** Folder of a layer's content. */
  diffFolder(id: string): string;
}

const compressions = { none: undefined, gzip: 2, zstd: 4 } as const;

export function createLayers(layout: Layout): Layers {
  const { overlay, layers: folder } = layout;
  const tarSplitFile = (id: string): string => join(folder, `${id}.tar-split.gz`);
  const list = (): Promise<readonly LayerRecord[]> =>
    withLocks([[layout.layersLock, 'shared']], undefined, async () =>
      (await readLayers(layout)).filter((raw) => !isIncomplete(raw)).map(layerOf),
    );
  const get = async (id: string): Promise<LayerRecord | undefined> =>
    (await list()).find((layer) => layer.id === id);

  const stage = async (
    source: AsyncIterable<Uint8Array>,
    options: StageOptions = {},
  ): Promise<StagedLayer> => {
    const [content, meta] = await Promise.all([
      makeStagingFolder(join(overlay, 'tempdirs')),
      makeStagingFolder(join(folder, 'tmp')),
    ]);
    const discard = async (): Promise<void> => {
      await Promise.all([content.remove(), meta.remove()]);
    };
    const diff = join(content.path, '0-addition');
    const split = join(meta.path, '0-addition');
    try {
      await mkdir(diff);
      const { expectedDigest, expectedDiffId, ...rest } = options;
      const applied = await applyLayer(source, diff, { ...rest, whiteouts: 'overlay', tarSplitFile: split });
      verify('digest', expectedDigest, applied.compressedDigest);
      verify('diffID', expectedDiffId, applied.diffId);
      return {
        applied,
        discard,
        commit: (parent) => commitLayer(layout, applied, parent, diff, split).finally(discard),
      };
    } catch (error) {
      await discard();
      throw error;
    }
  };

  return {
    list,
    get,
    idFor: layerIdFor,
    stage,
    async add(source, { parent, ...options } = {}) {
      return (await stage(source, options)).commit(parent);
    },
    async delete(id) {
      const locks = [layout.layersLock, layout.imagesLock, layout.containersLock].map(
        (path) => [path, 'exclusive'] as const,
      );
      await withLocks(locks, undefined, async ([lock]) => {
        const user = await userOf(layout, id);
        if (user !== undefined)
          throw new LadingError(Code.FailedPrecondition, `layer ${id} is used by ${user}`);
        await deleteLayerLocked(layout, lock, id);
      });
    },
    tarSplitFile,
    diffFolder: (id) => join(overlay, id, 'diff'),
  };
}

type Lock = Parameters<typeof stamp>[0] | undefined;

function verify(what: string, expected: Digest | undefined, found: Digest): void {
  if (expected === undefined || expected === found) return;
  throw new LadingError(Code.DataLoss, `the layer's ${what} is ${found}, not ${expected}`, {
    reason: 'DIGEST_MISMATCH',
  });
}

async function commitLayer(
  layout: Layout,
  applied: AppliedLayer,
  parent: string | undefined,
  diff: string,
  split: string,
): Promise<LayerRecord> {
  const id = layerIdFor(parent, applied.diffId);
  return withLocks([[layout.layersLock, 'exclusive']], undefined, async ([lock]) => {
    const raw = await readAndRepair(layout, lock);
    const there = raw.find((layer) => layer.id === id);
    if (there !== undefined) return layerOf(there);
    if (parent !== undefined && !raw.some((layer) => layer.id === parent)) {
      throw new LadingError(Code.NotFound, `the parent layer ${parent} is not in the store`);
    }
    const record = rawLayer(id, parent, applied);
    await saveLayers(layout, lock, [...raw, { ...record, flags: { incomplete: true } }]);
    await makeLayerFolder(layout.overlay, id, parent, false);
    await rename(split, join(layout.layers, `${id}.tar-split.gz`));
    await likeParent(layout.overlay, diff, parent);
    await rename(diff, join(layout.overlay, id, 'diff'));
    await saveLayers(layout, lock, [...raw, record]);
    return layerOf(record);
  });
}

function rawLayer(id: string, parent: string | undefined, applied: AppliedLayer): RawRecord {
  const compression = compressions[applied.compression];
  return {
    id,
    ...(parent === undefined ? {} : { parent }),
    created: new Date().toISOString(),
    'compressed-diff-digest': applied.compressedDigest,
    'compressed-size': applied.compressedSize,
    'diff-digest': applied.diffId,
    'diff-size': applied.diffSize,
    ...(compression === undefined ? {} : { compression }),
    ...(applied.uids.length === 0 ? {} : { uidset: applied.uids }),
    ...(applied.gids.length === 0 ? {} : { gidset: applied.gids }),
  };
}

export async function readLayers(layout: Layout): Promise<readonly RawRecord[]> {
  const files = ['layers.json', 'volatile-layers.json'].map((name) => readRecords(join(layout.layers, name)));
  return (await Promise.all(files)).flat();
}

/** Layers as the file has them, those that a dead process left half-made removed. The lock must be held. */
export async function readAndRepair(layout: Layout, lock: Lock): Promise<readonly RawRecord[]> {
  const raw = await readRecords(join(layout.layers, 'layers.json'));
  const broken = raw.filter(isIncomplete);
  if (broken.length === 0) return raw;
  for (const { id } of broken) await removeLayerFiles(layout, id);
  const whole = raw.filter((layer) => !isIncomplete(layer));
  await saveLayers(layout, lock, whole);
  return whole;
}

export async function saveLayers(layout: Layout, lock: Lock, raw: readonly object[]): Promise<void> {
  if (lock !== undefined) stamp(lock);
  await writeRecords(join(layout.layers, 'layers.json'), raw, layerFields);
}

/** Marks, removes, forgets: whoever dies in between leaves a mark that the next one follows. */
export async function deleteLayerLocked(layout: Layout, lock: Lock, id: string): Promise<void> {
  const raw = await readAndRepair(layout, lock);
  if (!raw.some((layer) => layer.id === id)) return;
  await saveLayers(
    layout,
    lock,
    raw.map((layer) =>
      layer.id === id ? { ...layer, flags: { ...(layer.flags as object), incomplete: true } } : layer,
    ),
  );
  await removeLayerFiles(layout, id);
  await saveLayers(
    layout,
    lock,
    raw.filter((layer) => layer.id !== id),
  );
}

async function removeLayerFiles(layout: Layout, id: string): Promise<void> {
  await removeLayerFolder(layout.overlay, id);
  await rm(join(layout.layers, `${id}.tar-split.gz`), { force: true });
  await rm(join(layout.layers, id), { recursive: true, force: true });
}

/** What stands on a layer, in words. The locks of layers, images and containers must be held. */
export async function userOf(layout: Layout, id: string): Promise<string | undefined> {
  const child = (await readLayers(layout)).find((layer) => layer.parent === id && !isIncomplete(layer));
  if (child !== undefined) return `layer ${child.id}`;
  const image = (await readRecords(join(layout.images, 'images.json'))).find(
    (raw) => raw.layer === id || (Array.isArray(raw['mapped-layers']) && raw['mapped-layers'].includes(id)),
  );
  if (image !== undefined) return `image ${image.id}`;
  const container = (await readContainers(layout)).find((raw) => raw.layer === id);
  return container === undefined ? undefined : `container ${container.id}`;
}

/** Containers of both generations of tools. */
export async function readContainers(layout: Layout): Promise<readonly RawRecord[]> {
  const files = ['containers.json', 'volatile-containers.json'].map((name) =>
    readRecords(join(layout.containers, name)),
  );
  return (await Promise.all(files)).flat();
}
