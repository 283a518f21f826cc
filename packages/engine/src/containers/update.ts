// SPDX-License-Identifier: Apache-2.0
import { containerEvent } from '../core/container-event.ts';
import { type Context, readContainer, runtimeOf, writeContainer } from '../core/context.ts';
import { resourcesSpec } from '../spec/resources.ts';
import type { BlockRate, ResourceLimits } from '../types/container-options.ts';
import { hasProcess } from './status.ts';

/** Changes the limits of a container that runs, and of its later runs; the caller holds its lock. */
export async function updateLocked(context: Context, id: string, limits: ResourceLimits): Promise<void> {
  const record = await readContainer(context, id);
  const resources = mergeLimits(record.options.resources ?? {}, limits);
  if (await hasProcess(context, record)) {
    await runtimeOf(context, record).update(id, resourcesSpec(resources));
  }
  await writeContainer(context, { ...record, options: { ...record.options, resources } });
  context.events.emit(containerEvent(record, 'update'));
}

const rateLists = [
  'blockWeights',
  'blockReadBps',
  'blockWriteBps',
  'blockReadIops',
  'blockWriteIops',
] as const;

/** A device that is not named keeps its rate. */
function mergeLimits(before: ResourceLimits, changes: ResourceLimits): ResourceLimits {
  const lists = rateLists.flatMap((name): [string, readonly BlockRate[]][] => {
    const changed = changes[name];
    if (changed === undefined) return [];
    const rates = new Map([...(before[name] ?? []), ...changed].map((rate) => [rate.path, rate]));
    return [[name, [...rates.values()]]];
  });
  return { ...before, ...changes, ...Object.fromEntries(lists) };
}
