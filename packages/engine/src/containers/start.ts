// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { containerEvent } from '../core/container-event.ts';
import {
  type Context,
  deleteRun,
  readContainer,
  runtimeOf,
  writeContainer,
  writeRun,
} from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import { inViewOfPod } from '../pods/held-pod.ts';
import type { ContainerRecord, ContainerRun, StartOptions } from '../types/containers.ts';
import type { ExitStatus } from '../types/exit-status.ts';
import { cleanupLocked, releaseUnbegun } from './cleanup.ts';
import { type MadeFields, makeProcess } from './make-process.ts';
import { forgetStopped } from './restart.ts';
import { phaseOf } from './status.ts';

interface StartLockedOptions extends StartOptions {
  /** By its restart policy. */
  readonly again?: true;
}

/** Mounts, connects and starts a container; the caller holds its lock. A failure undoes all of it. */
export async function startLocked(
  context: Context,
  id: string,
  options: StartLockedOptions,
): Promise<ContainerRecord> {
  const record = await settled(context, id);
  options.signal?.throwIfAborted();
  if (!options.again) await forgetStopped(context, record);
  try {
    if (record.options.requires !== undefined)
      await (await import('./required.ts')).startRequired(context, record, startLocked, options.signal);
    return await startSettled(context, record, options);
  } catch (error) {
    throw await noteFailure(context, record, await inViewOfPod(context, record, error));
  }
}

/** Does all of a start but the last step. */
export async function initLocked(
  context: Context,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerRecord> {
  const record = await settled(context, id);
  if (record.run !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} has already been created in runtime: start it`,
      { reason: 'CONTAINER_RUNNING' },
    );
  }
  const undo = createUndo();
  try {
    const made = await makeProcess(context, record, {
      undo,
      recordOf: (_run, fields) => ({ ...record, ...fields }),
      ...(signal && { signal }),
    });
    const run: ContainerRun = { ...made.run, initialized: true };
    await writeRun(context, id, run);
    context.events.emit(containerEvent(record, 'init'));
    return { ...made.record, run };
  } catch (error) {
    throw await noteFailure(context, record, await inViewOfPod(context, record, await undo.unwind(error)));
  }
}

/** The record, without what an earlier run has left; with its `run` only when that waits to be started. */
async function settled(context: Context, id: string): Promise<ContainerRecord> {
  const record = await readContainer(context, id);
  const phase = await phaseOf(context, record);
  if (phase === 'alive') {
    throw new LadingError(Code.FailedPrecondition, `container ${record.name} runs already`, {
      reason: 'CONTAINER_RUNNING',
    });
  }
  if (phase === 'initialized') return record;
  // Without an end although it was started: the machine went down under it.
  const leftOver = record.run !== undefined || (record.startedAt !== undefined && record.exit === undefined);
  if (!leftOver) return record;
  const clean = await cleanupLocked(context, id);
  if (clean !== undefined) return clean;
  throw new LadingError(Code.NotFound, `container ${record.name} removed itself when it ended`, {
    reason: 'CONTAINER_UNKNOWN',
  });
}

/** The next look at the container says why it does not run. */
async function noteFailure(context: Context, record: ContainerRecord, error: unknown): Promise<LadingError> {
  const failure = LadingError.from(error);
  // Somebody did not want to wait any longer: it is as before, and may be started.
  if (failure.code === Code.Canceled) return failure;
  const exit: ExitStatus = {
    exitCode: exitCodes[failure.reason ?? ''] ?? 125,
    oomKilled: false,
    finishedAt: context.now().toISOString(),
  };
  const undo = createUndo();
  undo.add(() => writeContainer(context, { ...record, error: failure.message, exit }));
  return undo.unwind(failure);
}

const exitCodes: Readonly<Record<string, number>> = { COMMAND_NOT_FOUND: 127, COMMAND_NOT_EXECUTABLE: 126 };

async function startSettled(
  context: Context,
  settled: ContainerRecord,
  options: StartLockedOptions,
): Promise<ContainerRecord> {
  const { id, bundle } = settled;
  const handler = runtimeOf(context, settled);
  const undo = createUndo();
  try {
    const recordOf = (run: ContainerRun, fields: MadeFields): ContainerRecord =>
      startedRecord(settled, run, fields, options);
    const made =
      settled.run === undefined ? await makeAnew(recordOf) : await beginAgain(settled, settled.run);
    const { record } = made;
    let { run } = made;
    const attachment =
      options.attach &&
      record.options.logDriver !== 'passthrough' &&
      (await handler.attach(id, bundle, options.attach, options.signal && { signal: options.signal }));
    if (record.healthCheck !== undefined) {
      const { beginHealth } = await import('../health/health-timer.ts');
      run = { ...run, ...(await beginHealth(context, record, run)) };
    }
    // Written before the process runs: a process that nobody knows of must not be.
    await writeRun(context, id, run);
    if (record.options.networks !== undefined) await refreshPeers(context);
    // Before the process runs: it may ask for the size of its terminal at once.
    if (attachment) await options.onAttach?.(attachment);
    await handler.start(id);
    const { notify } = record.options;
    if (notify !== undefined) (await import('./service-manager.ts')).tellServiceManager(notify, run);
    run = { ...run, begun: true };
    await writeRun(context, id, run);
    context.events.emit(containerEvent(record, 'start'));
    return { ...record, run };
  } catch (error) {
    throw await undo.unwind(error);
  }

  async function makeAnew(recordOf: Parameters<typeof makeProcess>[2]['recordOf']) {
    const made = await makeProcess(context, settled, { ...options, undo, recordOf });
    context.events.emit(containerEvent(settled, 'init'));
    return made;
  }

  /** Goes on from where `init` has stopped. */
  async function beginAgain(
    { networks, user }: ContainerRecord,
    { initialized: _initialized, ...former }: ContainerRun,
  ): Promise<{ readonly record: ContainerRecord; readonly run: ContainerRun }> {
    const run: ContainerRun = { ...former, startedAt: context.now().toISOString() };
    undo.add(() => deleteRun(context, id));
    undo.add(() => releaseUnbegun(context, { ...settled, run }));
    const record = startedRecord(
      settled,
      run,
      { ...(networks && { networks }), ...(user && { user }) },
      options,
    );
    await writeRun(context, id, run);
    await writeContainer(context, record);
    return { record, run };
  }
}

function startedRecord(
  record: ContainerRecord,
  { startedAt }: ContainerRun,
  fields: MadeFields,
  { again }: StartLockedOptions,
): ContainerRecord {
  const {
    exit: _exit,
    error: _error,
    run: _run,
    networks: _networks,
    retries,
    restartCount,
    ...former
  } = record;
  return {
    ...former,
    ...fields,
    startedAt,
    ...(again && { retries: (retries ?? 0) + 1 }),
    restartCount: former.startedAt === undefined ? 0 : restartCount + 1,
  };
}

async function refreshPeers(context: Context): Promise<void> {
  const { refreshPeerHosts } = await import('../network/peer-hosts.ts');
  await refreshPeerHosts(context);
}
