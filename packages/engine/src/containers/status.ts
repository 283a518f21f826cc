// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { isFrozen, processStartTicks } from '@lading/linux';
import { type Context, knownRuntime } from '../core/context.ts';
import { readHealth } from '../health/health-file.ts';
import type { ContainerInfo, ContainerRecord, ContainerStatus } from '../types/containers.ts';
import type { ExitStatus } from '../types/exit-status.ts';

/** The monitor writes the end a moment after the process is gone; one that hangs is not waited for. */
const endWaitMs = 1000;

/** Who looks at all containers is not held up by a runtime that hangs at one. */
const stateWaitMs = 1000;

/**
 * - `idle`: nothing of it is mounted or running
 * - `starting`: a start is under way in some process, or broke off
 * - `initialized`: made by `init`, and waits to be started
 * - `alive`: its first process exists, running or frozen
 * - `ended`: it has ended, and is not cleaned up
 */
export type Phase = 'idle' | 'starting' | 'initialized' | 'alive' | 'ended';

interface LookOptions {
  /** Take a container for one that starts when its runtime does not answer. Not for who would act on it. */
  readonly impatient?: boolean;
  /** Do not look whether what runs is frozen. */
  readonly pausedAsRunning?: boolean | undefined;
}

/** Where a container is, from its process rather than from what was written down. */
export async function phaseOf(
  context: Context,
  record: ContainerRecord,
  { impatient = false }: LookOptions = {},
): Promise<Phase> {
  const { run } = record;
  if (run === undefined) return 'idle';
  if (run.pid === 0) return 'starting';
  if (run.bootId !== context.bootId) return 'ended';
  const ticks = processStartTicks(run.pid);
  if (ticks === undefined || (run.pidStartTicks ?? ticks) !== ticks) return 'ended';
  if (run.begun) return 'alive';
  const asked = knownRuntime(context, record)?.state(record.id);
  const state = await (impatient ? orLate(asked) : asked);
  if (state === 'late') return 'starting';
  if (state?.status !== 'created' && state?.status !== 'creating') return 'alive';
  return run.initialized ? 'initialized' : 'starting';
}

async function orLate<T>(work: Promise<T> | undefined): Promise<T | undefined | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, stateWaitMs, 'late');
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export async function isAlive(context: Context, record: ContainerRecord): Promise<boolean> {
  return (await phaseOf(context, record)) === 'alive';
}

/** Also of one whose process waits to be started. */
export async function hasProcess(context: Context, record: ContainerRecord): Promise<boolean> {
  return isUp(await statusOf(context, record, { pausedAsRunning: true }));
}

export function isUp(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused' || status === 'initialized';
}

export async function statusOf(
  context: Context,
  record: ContainerRecord,
  options?: LookOptions,
): Promise<ContainerStatus> {
  switch (await phaseOf(context, record, options)) {
    case 'alive':
      return !options?.pausedAsRunning && isFrozen(record.run?.pid ?? 0) ? 'paused' : 'running';
    case 'initialized':
      return 'initialized';
    case 'ended':
      return 'stopped';
    default:
      return record.startedAt === undefined ? 'created' : 'exited';
  }
}

/**
 * The record as callers see it: an end that the monitor has written counts, cleaned up or not. One that it is
 * still about to write is left out.
 */
export async function describe(
  context: Context,
  record: ContainerRecord,
  options: Pick<LookOptions, 'pausedAsRunning'> = {},
): Promise<ContainerInfo> {
  const status = await statusOf(context, record, { ...options, impatient: true });
  const pid = isUp(status) ? (record.run?.pid ?? 0) : 0;
  const health = record.healthCheck && (await readHealth(context, record));
  const ended = status === 'stopped' || (status === 'exited' && record.exit === undefined);
  const seen = {
    ...record,
    ...(status !== 'initialized' && beganUnrecorded(record, pid)),
    ...(health && { health }),
    status,
    pid,
  };
  if (!ended) return seen;
  const exit = await endSoon(context, record);
  return { ...seen, ...(exit !== undefined && { exit }) };
}

/** Whoever started it was killed before writing that down; that its process runs says it. */
function beganUnrecorded({ startedAt, run }: ContainerRecord, pid: number): { startedAt?: string } {
  return pid === 0 || startedAt !== undefined || run === undefined ? {} : { startedAt: run.startedAt };
}

async function endSoon(context: Context, record: ContainerRecord): Promise<ExitStatus | undefined> {
  const { id, run } = record;
  // Cleaned up, but for the note of its run.
  if (record.exit !== undefined && record.startedAt === run?.startedAt) return record.exit;
  const handler = knownRuntime(context, record);
  const seen = await handler?.exitStatus(id);
  if (seen !== undefined) return seen;
  if (run === undefined || run.bootId !== context.bootId) return unseenEnd(context);
  if (handler === undefined) return undefined;
  const timeout = AbortSignal.timeout(endWaitMs);
  try {
    return await handler.waitExit(id, {
      pid: run.pid,
      ...(run.monitorPid !== undefined && { monitorPid: run.monitorPid }),
      signal: timeout,
    });
  } catch (error) {
    if (timeout.aborted) return undefined;
    // Cleaned up by somebody else meanwhile, who wrote it down first.
    if (hasCode(error, Code.NotFound)) return (await context.containers.get(id))?.exit;
    throw error;
  }
}

/** 255 is what podman says of an end that nobody saw. */
export function unseenEnd(context: Context): ExitStatus {
  return { exitCode: 255, oomKilled: false, finishedAt: context.now().toISOString() };
}
