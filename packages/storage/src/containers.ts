// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { addLayer } from './add-layer.ts';
import { readData, writeItem } from './big-data.ts';
import type { StoreContext } from './context.ts';
import { withEdit } from './edit-record.ts';
import { findRecord, known } from './find-record.ts';
import { holdLock } from './hold-lock.ts';
import { checkIdMaps, hasMaps } from './id-maps.ts';
import { checkId, randomId, shortId } from './ids.ts';
import { removeLayers } from './layer-ledger.ts';
import type { OpenLedger, Records } from './ledger.ts';
import { mountLayer, unmountBelow, unmountLayer, unmountNow } from './mounts.ts';
import { makeFolder } from './paths.ts';
import { findImage, findReadOnlyLayer } from './read-only-stores.ts';
import { emptyLayerRecord, emptyRecord } from './record-json.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { removeTree } from './remove-tree.ts';
import { openTempDir } from './temp-dir.ts';
import { recordTime } from './time.ts';
import type { Containers, NewContainer } from './types.ts';

/** The flag of a container's layer with the container's id: layer and container cannot be recorded at one instant. */
const madeFor = 'container';

export function createContainers(context: StoreContext): Containers {
  const { paths, layers, containers, mountpoints } = context;
  const graphFolder = (id: string): string => join(paths.containers, id);
  const runFolder = (id: string): string => join(paths.runContainers, id);

  async function needed(ref: string, signal: AbortSignal | undefined): Promise<ContainerRecord> {
    return known(find(await containers.read(signal), ref), ref, 'container');
  }

  return {
    list: async ({ signal } = {}) => (await containers.read(signal)).all,
    find: async (ref, { signal } = {}) => find(await containers.read(signal), ref),
    create: (request, { signal } = {}) => {
      const maps = { uidMap: request.uidMap ?? [], gidMap: request.gidMap ?? [] };
      checkIdMaps(maps);
      // Tools that choose ids for a container look at those of all others under this lock.
      return hasMaps(maps)
        ? holdLock(join(paths.graphRoot, 'userns.lock'), { mode: 'exclusive', signal }, () =>
            make(request, signal),
          )
        : make(request, signal);
    },
    async mount(ref, { signal } = {}) {
      const record = await needed(ref, signal);
      makeFolder(join(runFolder(record.id), 'userdata'), 0o700);
      const { Volatile, MountLabel, MountOpts } = record.flags;
      return mountLayer(context, record.layer, {
        isVolatile: Volatile === true && context.volatileMounts,
        label: typeof MountLabel === 'string' ? MountLabel : undefined,
        mountOptions: wordsOf(MountOpts),
        idMaps: record,
        signal,
      });
    },
    async unmount(ref, { force = false, signal } = {}) {
      await unmountLayer(context, (await needed(ref, signal)).layer, { force, signal });
    },
    async *changes(ref, { signal } = {}) {
      const record = await needed(ref, signal);
      const { containerChanges } = await import('./commit-container.ts');
      yield* containerChanges(context, record, signal);
    },
    async *diff(ref, options = {}) {
      const record = await needed(ref, options.signal);
      const { packContainer } = await import('./commit-container.ts');
      yield* packContainer(context, record, options);
    },
    async commit(ref, options = {}) {
      const record = await needed(ref, options.signal);
      const { commitContainer } = await import('./commit-container.ts');
      return commitContainer(context, record, options);
    },
    async size(ref, { signal } = {}) {
      const record = await needed(ref, signal);
      const { containerSize } = await import('./sizes.ts');
      return containerSize(context, record, signal);
    },
    async delete(ref, { signal } = {}) {
      await using temp = await openTempDir(paths.overlayTemp);
      await layers.writing(signal, (openLayers) =>
        containers.writing(signal, async (open) => {
          const record = known(find(open, ref), ref, 'container');
          await mountpoints.writing(signal, (points) => unmountNow(context, points, record.layer));
          await removeAll(record, openLayers, temp.path);
          await open.save(open.all.filter(({ id }) => id !== record.id));
        }),
      );
    },
    edit: (ref, edit, { signal } = {}) =>
      containers.writing(signal, async (open) => {
        const record = known(find(open, ref), ref, 'container');
        refuseTakenNames(edit.names ?? [], open, record.id);
        const edited = withEdit(record, edit);
        await open.save(open.all.map((other) => (other === record ? edited : other)));
        return edited;
      }),
    async bigData(ref, key, { signal } = {}) {
      // Under the lock: a writer replaces a file and its record one after the other.
      return containers.reading(signal, async (open) => {
        const record = known(find(open, ref), ref, 'container');
        return readData(graphFolder(record.id), record, key, `container ${shortId(record.id)}`);
      });
    },
    setBigData: (ref, key, bytes, { signal } = {}) =>
      containers.writing(signal, async (open) => {
        const record = known(find(open, ref), ref, 'container');
        const edited = await writeItem(graphFolder(record.id), record, key, bytes);
        await open.save(open.all.map((other) => (other === record ? edited : other)));
        return edited;
      }),
    directory: (id) => join(graphFolder(checkId(id, 'a container')), 'userdata'),
    runDirectory: (id) => join(runFolder(checkId(id, 'a container')), 'userdata'),
  };

  async function make(request: NewContainer, signal: AbortSignal | undefined): Promise<ContainerRecord> {
    return layers.writing(signal, async (openLayers) => {
      const parent = await parentOf(request);
      if (parent !== undefined)
        known(openLayers.get(parent) ?? (await findReadOnlyLayer(context, parent, signal)), parent, 'layer');
      return containers.writing(signal, async (open) => {
        const record = newRecord(request, open, context.transientStore);
        const isVolatile =
          context.transientStore || (context.volatileRecords && record.flags.Volatile === true);
        await removeOrphans(openLayers, open);
        const before = open.all;
        await addLayer(paths, openLayers, newLayer(record, parent), undefined, isVolatile);
        try {
          // Before the folders: a crash leaves no folder that nobody knows.
          await open.save([...before, record], isVolatile ? record.id : undefined);
          makeFolder(join(graphFolder(record.id), 'userdata'), 0o700);
          makeFolder(join(runFolder(record.id), 'userdata'), 0o700);
        } catch (error) {
          await removeAll(record, openLayers);
          if (open.get(record.id) !== undefined) await open.save(before);
          throw error;
        }
        return record;
      });

      async function parentOf({ imageId, layer }: NewContainer): Promise<string | undefined> {
        if (imageId === undefined || imageId === '') return layer;
        const { image } = known(await findImage(context, imageId, signal), imageId, 'image');
        return layer ?? image.topLayer;
      }
    });
  }

  /** Layers whose container never came to be, because its maker died. */
  async function removeOrphans(
    openLayers: OpenLedger<LayerRecord>,
    open: Records<ContainerRecord>,
  ): Promise<void> {
    const isOrphan = ({ flags }: LayerRecord): boolean =>
      typeof flags[madeFor] === 'string' && open.get(flags[madeFor]) === undefined;
    const orphans = new Set(openLayers.all.filter(isOrphan).map(({ id }) => id));
    // One that was built on since is somebody's.
    for (const { parent } of openLayers.all) if (parent !== undefined) orphans.delete(parent);
    if (orphans.size === 0) return;
    await using temp = await openTempDir(paths.overlayTemp);
    await removeLayers(paths, openLayers, orphans, temp.path);
  }

  /** Layer and folders; the record goes last, so that what a crash leaves can be deleted again. */
  async function removeAll(
    record: ContainerRecord,
    openLayers: OpenLedger<LayerRecord>,
    into?: string,
  ): Promise<void> {
    if (into === undefined) {
      await using temp = await openTempDir(paths.overlayTemp);
      return await removeAll(record, openLayers, temp.path);
    }
    if (openLayers.get(record.layer) !== undefined) {
      await removeLayers(paths, openLayers, new Set([record.layer]), into);
    }
    for (const folder of [graphFolder(record.id), runFolder(record.id)]) {
      unmountBelow(folder);
      await removeTree(folder);
    }
  }
}

function find(records: Records<ContainerRecord>, ref: string): ContainerRecord | undefined {
  return (
    records.get(ref) ??
    records.named(ref) ??
    records.all.find(({ layer }) => layer === ref) ??
    findRecord(records, ref, 'container')
  );
}

/** Options of a container's own mount; an empty list is none. */
function wordsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((word) => typeof word === 'string') ? value : undefined;
}

function refuseTakenNames(names: readonly string[], open: Records<ContainerRecord>, id: string): void {
  for (const name of names) {
    const owner = open.named(name);
    if (owner === undefined || owner.id === id) continue;
    throw new LadingError(
      Code.AlreadyExists,
      `the container name "${name}" is in use by ${owner.id}; remove that container, or choose another name`,
      { reason: 'NAME_IN_USE', details: { id: owner.id } },
    );
  }
}

function newRecord(
  request: NewContainer,
  open: Records<ContainerRecord>,
  isTransient: boolean,
): ContainerRecord {
  const { id = randomId(), names = [], imageId, metadata, flags } = request;
  checkId(id, 'a container');
  if (open.get(id) !== undefined) {
    throw new LadingError(Code.AlreadyExists, `there is a container with the id ${id}`, {
      reason: 'ID_IN_USE',
    });
  }
  refuseTakenNames(names, open, id);
  return {
    ...emptyRecord(id, recordTime(undefined)),
    names: [...new Set(names)],
    imageId,
    layer: randomId(),
    metadata,
    bigDataSizes: {},
    bigDataDigests: {},
    uidMap: request.uidMap ?? [],
    gidMap: request.gidMap ?? [],
    flags: { MountLabel: '', ProcessLabel: '', ...flags, ...(isTransient && { Volatile: true }) },
  };
}

function newLayer(container: ContainerRecord, parent: string | undefined): LayerRecord {
  return {
    ...emptyLayerRecord(container.layer, container.created, parent),
    flags: { [madeFor]: container.id },
  };
}
