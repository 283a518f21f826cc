// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { readData, writeItem } from './big-data.ts';
import type { StoreContext } from './context.ts';
import { createContainer, refuseTakenNames } from './create-container.ts';
import { withEdit } from './edit-record.ts';
import { findRecord, known } from './find-record.ts';
import { checkId, shortId } from './ids.ts';
import type { Records } from './ledger.ts';
import { mountLayer, mountpointOf, unmountLayer, unmountNow } from './mounts.ts';
import { makeFolder } from './paths.ts';
import type { ContainerRecord } from './records.ts';
import { removeContainer } from './remove-container.ts';
import { openTrash } from './trash.ts';
import type { Containers } from './types.ts';

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
    create: (request, { signal } = {}) => createContainer(context, request, signal),
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
    async mountpoint(ref, { signal } = {}) {
      return mountpointOf(context, (await needed(ref, signal)).layer, signal);
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
      await using trash = await openTrash(paths);
      await layers.writing(signal, (openLayers) =>
        containers.writing(signal, async (open) => {
          const record = known(find(open, ref), ref, 'container');
          await mountpoints.writing(signal, (points) => unmountNow(context, points, record.layer));
          await removeContainer(paths, record, openLayers, trash);
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
