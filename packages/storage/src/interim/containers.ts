// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { findRecord } from './find-record.ts';
import { randomId } from './ids.ts';
import { makeLayerFolder } from './layer-folder.ts';
import { deleteLayerLocked, readAndRepair, readContainers, saveLayers } from './layers.ts';
import type { Layout } from './layout.ts';
import { stamp, withLocks } from './locks.ts';
import type { Mounts } from './mounts.ts';
import { type RawRecord, readRecords, writeRecords } from './record-file.ts';
import { type ContainerRecord, containerFields, containerOf, textsAt } from './records.ts';

export interface NewContainer {
  /** 64 hex digits. Default: random. */
  readonly id?: string;
  readonly names?: readonly string[];
  readonly imageId?: string;
  /** The layer that it stands on. Default: none, an empty root. */
  readonly layer?: string;
  /** Text of the caller's own. */
  readonly metadata?: string;
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** The containers of a store: a writable layer each, and two folders. */
export interface Containers {
  list(): Promise<readonly ContainerRecord[]>;
  find(wanted: string): Promise<ContainerRecord | undefined>;
  /** @throws LadingError `already_exists` when the id or a name is taken, naming who has it; `not_found` without the layer */
  create(container: NewContainer): Promise<ContainerRecord>;
  /** Mounts its root file system; the folder where it is. */
  mount(id: string): Promise<string>;
  unmount(id: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Unmounts and removes it with all that it wrote. One that is not there is no error. */
  delete(id: string): Promise<void>;
  /** Folder for what outlives a boot. */
  directory(id: string): string;
  /** Folder for what does not. */
  runDirectory(id: string): string;
}

export function createContainers(layout: Layout, mounts: Mounts): Containers {
  const file = join(layout.containers, 'containers.json');
  const directory = (id: string): string => join(layout.containers, id, 'userdata');
  const runDirectory = (id: string): string => join(layout.runRoot, 'overlay-containers', id, 'userdata');
  const exclusive = [layout.layersLock, layout.imagesLock, layout.containersLock].map(
    (path) => [path, 'exclusive'] as const,
  );
  const list = (): Promise<readonly ContainerRecord[]> =>
    withLocks([[layout.containersLock, 'shared']], undefined, async () =>
      (await readContainers(layout)).map(containerOf),
    );
  const layerOfContainer = async (id: string): Promise<string> => {
    const found = (await list()).find((container) => container.id === id);
    if (found !== undefined) return found.layer;
    throw new LadingError(Code.NotFound, `container ${id} is not in the store`);
  };

  return {
    list,
    directory,
    runDirectory,
    find: async (wanted) => findRecord(await list(), wanted, 'container'),
    create: (container) =>
      withLocks(exclusive, undefined, async ([layersLock, , lock]) => {
        const { id = randomId(), names = [], layer: parent } = container;
        const records = await readRecords(file);
        refuseTaken(await readContainers(layout), id, names);
        const layers = await readAndRepair(layout, layersLock);
        if (parent !== undefined && !layers.some((layer) => layer.id === parent)) {
          throw new LadingError(Code.NotFound, `layer ${parent} is not in the store`);
        }
        const created = new Date().toISOString();
        const layer = randomId();
        const rawLayer: RawRecord = {
          id: layer,
          names: names.map((name) => `${name}-layer`),
          ...(parent === undefined ? {} : { parent }),
          created,
        };
        await saveLayers(layout, layersLock, [...layers, { ...rawLayer, flags: { incomplete: true } }]);
        await makeLayerFolder(layout.overlay, layer, parent, true);
        await saveLayers(layout, layersLock, [...layers, rawLayer]);
        await mkdir(directory(id), { recursive: true, mode: 0o700 });
        await mkdir(runDirectory(id), { recursive: true, mode: 0o700 });
        const raw: RawRecord = {
          id,
          ...(names.length === 0 ? {} : { names }),
          image: container.imageId ?? '',
          layer,
          ...(container.metadata === undefined ? {} : { metadata: container.metadata }),
          created,
          flags: { MountLabel: '', ProcessLabel: '', ...container.flags },
        };
        if (lock !== undefined) stamp(lock);
        await writeRecords(file, [...records, raw], containerFields);
        return containerOf(raw);
      }),
    mount: async (id) => mounts.mount(await layerOfContainer(id)),
    unmount: async (id, options) => mounts.unmount(await layerOfContainer(id), options),
    async delete(id) {
      const found = (await list()).find((container) => container.id === id);
      if (found === undefined) return;
      await mounts.unmount(found.layer, { force: true });
      await withLocks(exclusive, undefined, async ([layersLock, , lock]) => {
        await deleteLayerLocked(layout, layersLock, found.layer);
        await rm(join(layout.containers, id), { recursive: true, force: true });
        await rm(join(layout.runRoot, 'overlay-containers', id), { recursive: true, force: true });
        if (lock !== undefined) stamp(lock);
        await writeRecords(
          file,
          (await readRecords(file)).filter((raw) => raw.id !== id),
          containerFields,
        );
      });
    },
  };
}

function refuseTaken(records: readonly RawRecord[], id: string, names: readonly string[]): void {
  for (const raw of records) {
    if (raw.id === id) throw new LadingError(Code.AlreadyExists, `the container id ${id} is in use`);
    const taken = textsAt(raw, 'names').find((name) => names.includes(name));
    if (taken === undefined) continue;
    throw new LadingError(
      Code.AlreadyExists,
      `the container name "${taken}" is in use by ${raw.id}; remove that container, or choose another name`,
      { reason: 'NAME_TAKEN', details: { containerId: raw.id } },
    );
  }
}
