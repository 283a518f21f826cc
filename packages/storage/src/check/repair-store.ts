// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import type { StoreContext } from '../context.ts';
import { unmountLayer } from '../mounts.ts';
import type { Store } from '../types.ts';
import type { Fault } from './fault.ts';
import { chainOf } from './layer-files.ts';
import { mendData } from './mend-data.ts';
import { mendLayers } from './mend-layers.ts';
import { removeLeftovers } from './mend-leftovers.ts';
import { mendMounts } from './mend-mounts.ts';
import { rebuildRecords } from './rebuild-records.ts';
import { holdingAll, survey, surveying } from './survey.ts';
import type { RepairOptions, RepairReport } from './types.ts';

type Parts = Pick<Store, 'check' | 'layers' | 'images' | 'containers'>;

/**
 * Mends what can be mended with certainty, then removes layers and images whose bytes are gone, as
 * `podman system check --repair` does.
 */
export async function repairStore(
  context: StoreContext,
  store: Parts,
  options: RepairOptions,
): Promise<RepairReport> {
  const { faults, force = false, signal } = options;
  const { onProgress, level, unreferencedAgeMs } = options;
  const again = { onProgress, level, unreferencedAgeMs, signal };
  const found = faults ?? (await Array.fromAsync(store.check(again)));
  const { mended, lost } = await mend(context, found, signal);
  // What was hidden by lost records shows itself now.
  const left = faults === undefined && mended.length > 0 ? await Array.fromAsync(store.check(again)) : found;
  const removed = await remove(context, store, left, force, signal);
  // Leftovers of what was lost are not removed at once: somebody may find more in them.
  const fresh = left === found ? [] : left.filter(({ remedy }) => remedy === 'mend');
  const remaining = [...(await stillThere(context, left, signal)), ...fresh];
  return { mended, lost, removed, remaining };
}

async function mend(
  context: StoreContext,
  faults: readonly Fault[],
  signal: AbortSignal | undefined,
): Promise<{ readonly mended: readonly string[]; readonly lost: readonly string[] }> {
  if (faults.length === 0) return { mended: [], lost: [] };
  const asked = new Set(faults.map(keyOf));
  const isAsked = (fault: Fault): boolean => asked.has(keyOf(fault));
  const kinds = new Set(faults.map(({ kind }) => kind));
  const needsRecords = faults.some(({ kind }) => kind.startsWith('record') || kind === 'name-twice');
  const mended: string[] = [];
  const lost: string[] = [];
  await holdingAll(context.paths, 'exclusive', signal, async (stamp) => {
    // Before anything is written: others then look again.
    stamp();
    if (needsRecords || kinds.has('layer-unaccounted') || kinds.has('layer-parent-missing')) {
      const rebuilt = await rebuildRecords(survey(context.paths), signal);
      mended.push(...rebuilt.mended);
      lost.push(...rebuilt.lost);
    }
    mended.push(...mendLayers(survey(context.paths), isAsked));
    mended.push(...(await mendMounts(survey(context.paths), isAsked)));
    mended.push(...(await mendData(survey(context.paths), isAsked)));
    const gone = await removeLeftovers(survey(context.paths), isAsked);
    mended.push(...gone.map((path) => `${path}: removed, nothing has it`));
    stamp();
  });
  if (kinds.has('layer-incomplete')) {
    // Every writer of layers removes them first.
    await context.layers.writing(signal, async () => undefined);
    mended.push('layers that were being made or removed: removed');
  }
  return { mended, lost };
}

/** Containers first, then images with the layers that only they need, then layers from the top down. */
async function remove(
  context: StoreContext,
  store: Parts,
  faults: readonly Fault[],
  force: boolean,
  signal: AbortSignal | undefined,
): Promise<RepairReport['removed']> {
  const ids = (subject: Fault['subject'], remedy: Fault['remedy']): readonly string[] => {
    const own = faults.filter((fault) => fault.subject === subject && fault.remedy === remedy);
    return [...new Set(own.map(({ id }) => id ?? ''))];
  };
  const containers: string[] = [];
  const images: string[] = [];
  const layers: string[] = [];
  const call = signal === undefined ? {} : { signal };
  if (force) {
    for (const id of ids('container', 'remove container')) {
      if ((await unlessUsed(store.containers.delete(id, call))) !== false) containers.push(id);
    }
  }
  for (const id of ids('image', 'remove')) {
    const gone = await unlessUsed(store.images.delete(id, call));
    if (gone === false) continue;
    images.push(id);
    layers.push(...gone);
  }
  const { layers: known, everyLayer } = await surveying(context, signal, (now) => now);
  const depth = (id: string): number => chainOf(everyLayer, id)?.length ?? 0;
  for (const id of ids('layer', 'remove').toSorted((a, b) => depth(b) - depth(a))) {
    if (!known.has(id) || !(await isFree(context, id, signal))) continue;
    await unmountLayer(context, id, { force: true, signal });
    if ((await unlessUsed(store.layers.delete(id, call))) !== false) layers.push(id);
  }
  return { containers, images, layers };
}

/** The layer of a container goes with it. */
async function isFree(context: StoreContext, id: string, signal: AbortSignal | undefined): Promise<boolean> {
  return surveying(context, signal, ({ containers }) =>
    [...containers.values()].every(({ layer }) => layer !== id),
  );
}

/** What the call gave; false when something needs it, or it is gone already. */
async function unlessUsed<T>(call: Promise<T>): Promise<T | false> {
  try {
    return await call;
  } catch (error) {
    const failure = LadingError.from(error);
    if (hasCode(failure, Code.FailedPrecondition) || hasCode(failure, Code.NotFound)) return false;
    throw failure;
  }
}

/** Faults of what could not be removed. */
function stillThere(
  context: StoreContext,
  faults: readonly Fault[],
  signal: AbortSignal | undefined,
): Promise<readonly Fault[]> {
  return surveying(context, signal, ({ layers, images, containers }) =>
    faults.filter(({ subject, id = '', remedy }) => {
      if (remedy === 'mend') return false;
      return (subject === 'layer' ? layers : subject === 'image' ? images : containers).has(id);
    }),
  );
}

function keyOf({ kind, id, path }: Fault): string {
  return JSON.stringify([kind, id, path]);
}
