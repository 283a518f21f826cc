// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { containerEvent } from '../core/container-event.ts';
import {
  type Context,
  readContainer,
  runtimeOf,
  withRun,
  writeContainer,
  writeRun,
} from '../core/context.ts';
import { resourcesSpec } from '../spec/resources.ts';
import type { BlockRate, ResourceLimits } from '../types/container-options.ts';
import type { ContainerChanges, ContainerRecord } from '../types/containers.ts';
import { noteStopped } from './restart.ts';
import { hasProcess } from './status.ts';

/** Changes a container that runs, and its later runs; the caller holds its lock. */
export async function updateLocked(
  context: Context,
  id: string,
  limits: ResourceLimits,
  changes: ContainerChanges = {},
): Promise<void> {
  const record = await withRun(context, await readContainer(context, id));
  const resources = mergeLimits(record.options.resources ?? {}, limits);
  const changed = changedRecord({ ...record, options: { ...record.options, resources } }, changes);
  const isUp = await hasProcess(context, record);
  // One that is down was meant to be, as long as nobody starts it.
  if (!isUp && changes.restartPolicy !== undefined) await noteStopped(context, changed);
  if (isUp && Object.keys(limits).length > 0)
    await runtimeOf(context, record).update(id, resourcesSpec(resources));
  await writeContainer(context, changed);
  if (isUp && record.run?.begun && changes.healthCheck !== undefined) await renewChecks(context, changed);
  context.events.emit(containerEvent(record, 'update'));
}

function changedRecord(record: ContainerRecord, changes: ContainerChanges): ContainerRecord {
  const { healthCheck, onUnhealthy, restartPolicy } = changes;
  const { restartPolicy: former, ...options } = record.options;
  const policy = restartPolicy ?? former;
  const check =
    healthCheck === undefined ? record.healthCheck : { test: [], ...record.healthCheck, ...healthCheck };
  if (restartPolicy !== undefined && restartPolicy !== 'no' && options.autoRemove) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} removes itself when it ends, so that no restart policy can apply: make one without --rm`,
    );
  }
  if (check?.test.length === 0 || (check === undefined && (onUnhealthy ?? 'none') !== 'none')) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} has no health check to change: say what it runs, too`,
    );
  }
  return {
    ...record,
    ...(check && { healthCheck: check }),
    process: { ...record.process, env: changedLines(record.process.env, changes) },
    options: {
      ...options,
      ...changedVariables(record, changes),
      ...(policy !== undefined && policy !== 'no' && { restartPolicy: policy }),
      ...(healthCheck !== undefined && check && { healthCheck: check }),
      ...(onUnhealthy && { onUnhealthy }),
    },
  };
}

function changedLines(
  lines: readonly string[],
  { env = {}, unsetEnv = [] }: ContainerChanges,
): readonly string[] {
  const gone = new Set([...unsetEnv, ...Object.keys(env)]);
  const kept = lines.filter((line) => !gone.has(line.slice(0, line.indexOf('='))));
  return [...kept, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
}

/** For what is made from its options later. */
function changedVariables(
  { options }: ContainerRecord,
  { env = {}, unsetEnv = [] }: ContainerChanges,
): Pick<ContainerRecord['options'], 'env' | 'unsetEnv'> {
  const kept = Object.entries(options.env ?? {}).filter(([name]) => !unsetEnv.includes(name));
  const unset = options.unsetEnv === 'all' ? options.unsetEnv : [...(options.unsetEnv ?? []), ...unsetEnv];
  return {
    env: { ...Object.fromEntries(kept), ...env },
    ...(unset.length > 0 && { unsetEnv: unset }),
  };
}

async function renewChecks(context: Context, record: ContainerRecord): Promise<void> {
  if (record.run === undefined) return;
  const { beginHealth, endHealth } = await import('../health/health-timer.ts');
  endHealth(record.run);
  const { healthTimer: _ended, ...run } = record.run;
  await writeRun(context, record.id, { ...run, ...(await beginHealth(context, record, run)) });
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
