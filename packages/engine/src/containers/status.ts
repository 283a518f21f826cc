// SPDX-License-Identifier: Apache-2.0
import { type Context, runtimeOf } from '../core/context.ts';
import { isFrozen, startTicks } from '../core/process-state.ts';
import type { ContainerInfo, ContainerRecord, ContainerStatus } from '../types/containers.ts';

/** What a container does now, from its process rather than from what was written down. */
export async function statusOf(context: Context, record: ContainerRecord): Promise<ContainerStatus> {
  const { run } = record;
  if (run === undefined) return record.startedAt === undefined ? 'created' : 'exited';
  if (run.bootId !== context.bootId) return 'stopped';
  // The start is under way in some process, or broke off.
  if (run.pid === 0) return record.startedAt === undefined ? 'created' : 'exited';
  if (!(await isAlive(context, record))) return 'stopped';
  return (await isFrozen(run.pid)) ? 'paused' : 'running';
}

/** Whether the container's first process exists, running or frozen. */
export async function isAlive(context: Context, record: ContainerRecord): Promise<boolean> {
  const { run } = record;
  if (run === undefined || run.pid === 0 || run.bootId !== context.bootId) return false;
  const ticks = await startTicks(run.pid);
  return ticks !== undefined && (run.pidStartTicks === undefined || run.pidStartTicks === ticks);
}

/** The record as callers see it: an end that the monitor has written counts, cleaned up or not. */
export async function describe(context: Context, record: ContainerRecord): Promise<ContainerInfo> {
  const status = await statusOf(context, record);
  const pid = status === 'running' || status === 'paused' ? (record.run?.pid ?? 0) : 0;
  if (record.exit !== undefined || record.startedAt === undefined || pid !== 0) {
    return { ...record, status, pid };
  }
  const seen = await runtimeOf(context, record.runtime).exitStatus(record.id);
  // 255 is what podman says of an end that nobody saw.
  const exit = seen ?? { exitCode: 255, oomKilled: false, finishedAt: record.startedAt };
  return { ...record, exit, status, pid };
}
