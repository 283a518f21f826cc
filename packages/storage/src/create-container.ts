// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { addLayer } from './add-layer.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { holdLock } from './hold-lock.ts';
import { checkIdMaps, hasMaps, type IdMaps } from './id-maps.ts';
import { checkId, randomId } from './ids.ts';
import { keepCopy } from './keep-copy.ts';
import { removeOrphans } from './layer-ledger.ts';
import type { Records } from './ledger.ts';
import type { MappedBase } from './mapped-base.ts';
import { makeFolder } from './paths.ts';
import { findReadOnlyLayer, requestedImage } from './read-only-stores.ts';
import { emptyLayerRecord, emptyRecord } from './record-json.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { removeContainer } from './remove-container.ts';
import { recordTime } from './time.ts';
import type { AutoIdMaps, NewContainer } from './types.ts';

/** The flag of a container's layer with the container's id: layer and container cannot be recorded at one instant. */
const madeFor = 'container';

type Signal = AbortSignal | undefined;

/** Makes a container's layer, folders and record. */
export async function createContainer(
  context: StoreContext,
  request: NewContainer,
  signal: Signal,
): Promise<ContainerRecord> {
  const { uidMap = [], gidMap = [], autoMaps } = request;
  const given = { uidMap, gidMap };
  checkIdMaps(given);
  if (autoMaps !== undefined && hasMaps(given)) {
    throw new LadingError(Code.InvalidArgument, 'id maps are either given or chosen, not both', {
      reason: 'ID_MAP',
    });
  }
  if (autoMaps === undefined && !hasMaps(given)) {
    return make(context, { request, maps: given, base: undefined }, signal);
  }
  // Tools that choose ids for a container look at those of all others under this lock.
  const lockPath = join(context.paths.graphRoot, 'userns.lock');
  return holdLock(lockPath, { mode: 'exclusive', signal }, async () => {
    const maps = autoMaps === undefined ? given : await chosen(autoMaps);
    const { findMappedBase } = await import('./mapped-base.ts');
    const base = await findMappedBase(context, request, maps, signal);
    try {
      return await make(context, { request, maps, base }, signal);
    } finally {
      await base?.copy?.[Symbol.asyncDispose]();
    }
  });

  async function chosen(auto: AutoIdMaps): Promise<IdMaps> {
    const { chooseMaps } = await import('./choose-maps.ts');
    const maps = await chooseMaps(context, auto, request, signal);
    checkIdMaps(maps);
    return maps;
  }
}

interface Plan {
  readonly request: NewContainer;
  readonly maps: IdMaps;
  /** Undefined where nothing has to have other owners on the disk. */
  readonly base: MappedBase | undefined;
}

async function make(context: StoreContext, plan: Plan, signal: Signal): Promise<ContainerRecord> {
  const { paths, layers, containers } = context;
  const { request, maps, base } = plan;
  return layers.writing(signal, async (openLayers) => {
    const below = base === undefined ? await layerOf(context, request, signal) : layerBelow(base);
    if (below !== undefined)
      known(openLayers.get(below) ?? (await findReadOnlyLayer(context, below, signal)), below, 'layer');
    const { copy, image } = base ?? {};
    const isKept = copy !== undefined && image !== undefined;
    const parent = isKept ? await keepCopy(context, openLayers, { copy, image, maps }, signal) : below;
    const older = isKept ? undefined : copy?.content.older;
    const content = { older, quota: { ...context.quota, ...request.quota } };
    return containers.writing(signal, async (open) => {
      const record = newRecord({ ...request, ...maps }, open, context.transientStore);
      const isVolatile =
        context.transientStore || (context.volatileRecords && record.flags.Volatile === true);
      await removeOrphans(
        paths,
        openLayers,
        ({ flags }) => typeof flags[madeFor] === 'string' && open.get(flags[madeFor]) === undefined,
      );
      const before = open.all;
      const layer = { ...newLayer(record, parent), ...(base && maps) };
      const kind = isVolatile ? 'volatile' : undefined;
      await addLayer(paths, openLayers, layer, content, kind);
      try {
        // Before the folders: a crash leaves no folder that nobody knows.
        await open.save([...before, record], kind && { id: record.id, file: kind });
        for (const home of [paths.containers, paths.runContainers])
          makeFolder(join(home, record.id, 'userdata'), 0o700);
      } catch (error) {
        await removeContainer(paths, record, openLayers);
        if (open.get(record.id) !== undefined) await open.save(before);
        throw error;
      }
      return record;
    });
  });
}

async function layerOf(
  context: StoreContext,
  request: NewContainer,
  signal: Signal,
): Promise<string | undefined> {
  const found = await requestedImage(context, request, signal);
  return request.layer ?? found?.image.topLayer;
}

function layerBelow({ parent, copy }: MappedBase): string | undefined {
  return parent ?? copy?.original.id;
}

export function refuseTakenNames(names: readonly string[], open: Records<ContainerRecord>, id: string): void {
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
