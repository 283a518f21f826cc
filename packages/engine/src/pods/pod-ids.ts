// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type AutoIdMaps, checkIdMaps } from '@lading/storage';
import type { Context } from '../core/context.ts';
import type { IdMaps } from '../types/container-options.ts';
import type { PodOptions, PodRecord } from '../types/pods.ts';

/**
 * The ids of a pod: those that were given, or chosen. Chosen ones are held by a container of the store that has no image,
 * so that neither this engine nor another tool chooses them again while no container is in the pod.
 */
export async function takePodIds(
  context: Context,
  id: string,
  { idMaps, autoIdMaps }: PodOptions,
  signal: AbortSignal | undefined,
): Promise<IdMaps | undefined> {
  if (idMaps !== undefined) checkIdMaps(idMaps);
  if (autoIdMaps === undefined) return idMaps;
  if (idMaps !== undefined) {
    throw new LadingError(Code.InvalidArgument, 'the ids of a pod are either given or chosen, not both', {
      reason: 'ID_MAP',
    });
  }
  return chooseIds(context, id, autoIdMaps, signal);
}

async function chooseIds(
  context: Context,
  id: string,
  autoMaps: AutoIdMaps,
  signal: AbortSignal | undefined,
): Promise<IdMaps> {
  const metadata = JSON.stringify({ 'created-by': 'lading' });
  const { uidMap, gidMap } = await context.store.containers.create({ id, metadata, autoMaps }, { signal });
  return { uidMap, gidMap };
}

/** Gives them back. Idempotent. */
export async function givePodIdsBack(
  context: Context,
  { id, options }: { readonly id: string; readonly options: Pick<PodRecord['options'], 'autoIdMaps'> },
): Promise<void> {
  if (options.autoIdMaps === undefined) return;
  try {
    await context.store.containers.delete(id);
  } catch (error) {
    if (!hasCode(error, Code.NotFound)) throw error;
  }
}
