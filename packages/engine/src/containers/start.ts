// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { processStartTicks } from '@lading/linux';
import { encodeJson, type User } from '@lading/oci-spec';
import { containerEvent } from '../core/container-event.ts';
import {
  type Context,
  deleteRun,
  readContainer,
  runtimeOf,
  writeContainer,
  writeRun,
} from '../core/context.ts';
import { createUndo, together } from '../core/undo.ts';
import { connectContainer, namespaceOf, planNetwork } from '../network/container-network.ts';
import { isReady } from '../pods/status.ts';
import { makeAccessible } from '../rootfs/make-accessible.ts';
import { containerSpec } from '../spec/container-spec.ts';
import type { ContainerRecord, ContainerRun, StartOptions } from '../types/containers.ts';
import type { ExitStatus } from '../types/exit-status.ts';
import type { NetworkAttachment } from '../types/network.ts';
import type { PodRecord } from '../types/pods.ts';
import type { MappedMounts } from '../volumes/mapped-mounts.ts';
import { cleanupLocked, hasMappedMounts, releaseRun } from './cleanup.ts';
import { withPasswd, writeFiles } from './files.ts';
import { mountImages } from './image-mounts.ts';
import { forgetStopped } from './restart.ts';
import { isAlive } from './status.ts';

interface StartLockedOptions extends StartOptions {
  readonly exitCommand?: readonly string[];
  /** By its restart policy. */
  readonly again?: true;
}

/** Mounts, connects and starts a container; the caller holds its lock. A failure undoes all of it. */
export async function startLocked(
  context: Context,
  id: string,
  options: StartLockedOptions,
): Promise<ContainerRecord> {
  let record = await readContainer(context, id);
  if (await isAlive(context, record)) {
    throw new LadingError(Code.FailedPrecondition, `container ${record.name} runs already`, {
      reason: 'CONTAINER_RUNNING',
    });
  }
  // Without an end although it was started: the machine went down under it.
  const leftOver = record.run !== undefined || (record.startedAt !== undefined && record.exit === undefined);
  if (leftOver) {
    const clean = await cleanupLocked(context, id);
    if (clean === undefined) {
      throw new LadingError(Code.NotFound, `container ${record.name} removed itself when it ended`, {
        reason: 'CONTAINER_UNKNOWN',
      });
    }
    record = clean;
  }
  options.signal?.throwIfAborted();
  if (!options.again) await forgetStopped(context, record);
  try {
    if (record.options.requires !== undefined)
      await (await import('./required.ts')).startRequired(context, record, startLocked, options.signal);
    const exitCommand = options.exitCommand ?? record.options.exitCommand ?? context.exitCommand;
    return await startClean(context, record, options, exitCommand);
  } catch (error) {
    throw await noteFailure(context, record, error);
  }
}

/** The next look at the container says why it does not run. */
async function noteFailure(context: Context, record: ContainerRecord, error: unknown): Promise<LadingError> {
  const failure = LadingError.from(error);
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

async function startClean(
  context: Context,
  record: ContainerRecord,
  options: StartLockedOptions,
  exitCommand: readonly string[],
): Promise<ContainerRecord> {
  const { id } = record;
  const handler = runtimeOf(context, record.runtime);
  const pod = await podOf(context, record);
  const { bundle } = record;
  const runFolder = context.store.containers.runDirectory(id);
  const plan = await planNetwork(context, record, pod);
  // On disk before anything is made: whoever comes after a crash knows what may be there.
  let run: ContainerRun = {
    startedAt: context.now().toISOString(),
    pid: 0,
    bootId: context.bootId,
    networks: plan.attachments,
    rootfs: '',
    ...(plan.ownNetns !== undefined && { netnsPath: plan.ownNetns }),
  };
  await writeRun(context, id, run);
  const undo = createUndo();
  undo.add(() => deleteRun(context, id));
  undo.add(() => releaseRun(context, { ...record, run }));
  try {
    // A user namespace must own the container's network to mount /sys: the runtime makes both, and then it is connected.
    const isConnectedLater = record.idMaps !== undefined && plan.ownNetns !== undefined;
    const [rootfs, early] = await together([
      context.store.containers.mount(id),
      isConnectedLater
        ? Promise.resolve([])
        : connectContainer(context, record, plan, { signal: options.signal }),
    ]);
    for (const folder of [bundle, runFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    let networks = early;
    run = { ...run, rootfs, networks };
    const ownFiles = await writeFiles(context, record, pod, plan, networks);
    const files = await withPasswd(context, record, rootfs, ownFiles);
    if (record.idMaps !== undefined) {
      for (const folder of [rootfs, bundle, runFolder]) await makeAccessible(folder);
    }
    await using images = await mountImages(context, id, record.options.mounts ?? []);
    using mapped = await withMappedMounts(context, await withBoundMounts(context, record, rootfs));
    const spec = await containerSpec({
      record: mapped.record,
      pod,
      rootfs,
      plan: isConnectedLater ? { kind: 'new', attachments: [] } : plan,
      files,
      cgroupParent: context.cgroupParent,
      namespaceOf: (ref, kind) => namespaceOf(context, ref, kind),
      cdiSpecDirs: context.cdiSpecDirs,
      hooksDirs: context.hooksDirs,
      imageFolder: images.folder,
    });
    writeFileSync(join(bundle, 'config.json'), encodeJson(spec), { mode: 0o600 });
    const {
      exit: _exit,
      error: _error,
      run: _run,
      networks: _networks,
      retries,
      restartCount,
      ...former
    } = record;
    const user = spec.process?.user;
    const startedWith = (networks: readonly NetworkAttachment[]): ContainerRecord => ({
      ...former,
      ...(networks.length > 0 && { networks }),
      startedAt: run.startedAt,
      ...(user && { user: userOf(user) }),
      ...(options.again && { retries: (retries ?? 0) + 1 }),
      restartCount: former.startedAt === undefined ? 0 : restartCount + 1,
    });
    const [created] = await together([
      handler.create({
        id,
        name: record.name,
        bundle,
        logPath: record.logPath,
        pidFile: record.options.pidFile ?? join(runFolder, 'pidfile'),
        conmonPidFile: record.options.monitorPidFile ?? join(runFolder, 'conmon.pid'),
        exitCommand: exitCommand.map((word) => word.replaceAll('{id}', id)),
        ...(record.options.logDriver && { logDriver: record.options.logDriver }),
        ...(record.options.logSizeMaxBytes !== undefined && {
          logSizeMaxBytes: record.options.logSizeMaxBytes,
        }),
        ...(record.options.timeoutMs !== undefined && { timeoutMs: record.options.timeoutMs }),
        ...(record.options.terminal && { terminal: true }),
        ...(record.options.stdin && { stdin: true, leaveStdinOpen: record.options.stdinOnce !== true }),
        ...(options.signal && { signal: options.signal }),
      }),
      // Ahead, so that the disk is waited for while the runtime works.
      writeContainer(context, startedWith(networks)),
    ]);
    run = { ...run, pid: created.pid, monitorPid: created.monitorPid };
    if (isConnectedLater) {
      networks = await connectContainer(context, record, plan, {
        signal: options.signal,
        pid: created.pid,
      });
      run = { ...run, networks };
      // The same files, which are mounted: now with the addresses.
      await writeFiles(context, record, pod, plan, networks);
      await writeContainer(context, startedWith(networks));
    }
    const attachment =
      options.attach &&
      (await handler.attach(id, bundle, options.attach, options.signal && { signal: options.signal }));
    const ticks = processStartTicks(created.pid);
    run = { ...run, ...(ticks !== undefined && { pidStartTicks: ticks }) };
    if (record.healthCheck !== undefined) {
      const { beginHealth } = await import('../health/health-timer.ts');
      run = { ...run, ...(await beginHealth(context, record, run)) };
    }
    // Written before the process runs: a process that nobody knows of must not be.
    await writeRun(context, id, run);
    if (record.options.networks !== undefined) await refreshPeers(context);
    await handler.start(id);
    run = { ...run, begun: true };
    await writeRun(context, id, run);
    if (attachment !== undefined) options.onAttach?.(attachment);
    context.events.emit(containerEvent(record, 'start'));
    return { ...startedWith(networks), run };
  } catch (error) {
    throw await undo.unwind(error);
  }
}

function userOf({ uid = 0, gid = 0, additionalGids = [] }: User): NonNullable<ContainerRecord['user']> {
  return { uid, gid, additionalGids };
}

async function refreshPeers(context: Context): Promise<void> {
  const { refreshPeerHosts } = await import('../network/peer-hosts.ts');
  await refreshPeerHosts(context);
}

/** What takes more than a mount of a folder that is there is loaded for who wants it. */
async function withBoundMounts(
  context: Context,
  record: ContainerRecord,
  rootfs: string,
): Promise<ContainerRecord> {
  const wanted = (record.options.mounts ?? []).some(
    (mount) => mount.type === 'volume' || (mount.type === 'bind' && (mount.changeOwner || mount.overlay)),
  );
  const bound = wanted
    ? await (await import('../volumes/bound-mounts.ts')).boundRecord(context, record, rootfs)
    : record;
  if (record.options.secrets === undefined) return bound;
  return (await import('../secrets/container-secrets.ts')).withSecrets(context, bound);
}

async function withMappedMounts(context: Context, record: ContainerRecord): Promise<MappedMounts> {
  if (!hasMappedMounts(record)) return { record, [Symbol.dispose]() {} };
  return (await import('../volumes/mapped-mounts.ts')).mapMounts(context, record);
}

/** The pod of a container, which must still hold its namespaces. */
async function podOf(context: Context, record: ContainerRecord): Promise<PodRecord | undefined> {
  if (record.podId === undefined) return undefined;
  const pod = await context.pods.get(record.podId);
  if (pod === undefined || !(await isReady(context, pod))) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} cannot start: its pod ${record.podId.slice(0, 12)} does not run`,
    );
  }
  return pod;
}
