// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isMountPoint, unmount } from '@lading/linux';
import { containerEvent } from '../core/container-event.ts';
import {
  type Context,
  deleteRun,
  knownRuntime,
  runtimeOf,
  withRun,
  writeContainer,
  writeRun,
} from '../core/context.ts';
import { together } from '../core/undo.ts';
import { releaseNetwork } from '../network/container-network.ts';
import { unmountRootfs } from '../rootfs/folder-rootfs.ts';
import { writeJson } from '../state/atomic-file.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { removeAnonymousVolumes } from '../volumes/container-volumes.ts';
import { forgetCaretaker } from './caretaker.ts';
import { sweepEnded } from './ended.ts';
import { endOf } from './monitored-end.ts';
import { dependentsOf } from './required.ts';
import { forgetStopped } from './restart.ts';
import { phaseOf } from './status.ts';

/**
 * Undoes what a start made, once the process has ended. Idempotent; the caller holds the container's lock.
 * Returns the record as it is now; `undefined` when it removed itself.
 *
 * @throws FailedPrecondition when the container runs
 */
export async function cleanupLocked(context: Context, id: string): Promise<ContainerRecord | undefined> {
  const stored = await context.containers.get(id);
  if (stored === undefined) {
    // Taking the lock has made its file again.
    await context.locks.forget(id);
    return undefined;
  }
  let record = await withRun(context, stored);
  if (record.run !== undefined) {
    const phase = await phaseOf(context, record);
    if (phase === 'alive' || phase === 'initialized') {
      throw new LadingError(Code.FailedPrecondition, `container ${record.name} runs; stop it first`, {
        reason: 'CONTAINER_RUNNING',
      });
    }
    const begun = phase === 'ended';
    if (begun) record = { ...record, startedAt: record.run.startedAt };
    const exit = begun ? await endOf(context, record) : record.exit;
    await (begun ? releaseRun : releaseUnbegun)(context, record);
    const { networks: _networks, ...released } = record;
    record = { ...released, ...(exit !== undefined && { exit }) };
    if (begun || stored.startedAt === record.run?.startedAt) await writeContainer(context, record);
    if (begun) {
      context.events.emit(
        containerEvent(record, 'died', {
          exitCode: String(exit?.exitCode ?? 255),
          ...(exit?.oomKilled && { oomKilled: 'true' }),
        }),
      );
    }
    await deleteRun(context, id);
    if (!record.options.autoRemove) await knownRuntime(context, record)?.forget(id);
    const { run: _run, ...rest } = record;
    record = rest;
    context.events.emit(containerEvent(record, 'cleanup'));
    if (!begun) return record;
  } else if (record.startedAt !== undefined && record.exit === undefined) {
    // The machine was restarted under it, or its runtime folder was removed.
    const exit = await endOf(context, record);
    await releaseRun(context, record);
    const { networks: _networks, ...released } = record;
    record = { ...released, exit };
    await writeContainer(context, record);
  }
  // One that others require stays for them.
  const isDone = record.options.autoRemove && record.exit !== undefined;
  if (isDone && (await dependentsOf(context, id)).length === 0) {
    await removeLocked(context, record);
    return undefined;
  }
  return record;
}

/** Removes a container that was cleaned up: without a run. Idempotent; the caller holds its lock. */
export async function removeLocked(context: Context, record: Omit<ContainerRecord, 'run'>): Promise<void> {
  const { id } = record;
  if (record.exit !== undefined) {
    // For those who still wait for it, in this process or another.
    await writeJson(join(context.runDir, 'ended', `${id}.json`), record.exit);
    await sweepEnded(context);
  }
  if (record.options.rootfs !== undefined) await unmountRootfs(context, record, { isRunOver: true });
  // A runtime that is unknown since a reboot has nothing to forget.
  const forgotten = knownRuntime(context, record)?.forget(id) ?? Promise.resolve();
  await together([deleteStorage(context, id), deleteRun(context, id), forgotten]);
  await forgetStopped(context, record);
  forgetCaretaker(context, id);
  // Last: without it nobody would find what is left of a clean-up that broke off.
  await context.containers.delete(record);
  context.runtimes.forget(id);
  if (record.options.autoRemove) await removeAnonymousVolumes(context, record.options);
  await context.locks.forget(id);
  context.events.emit(containerEvent(record, 'remove'));
}

/** Runtime, network, mounts: three things that do not wait for each other. */
async function releaseRun(context: Context, record: ContainerRecord): Promise<void> {
  const sameBoot = record.run?.bootId === context.bootId;
  if (sameBoot && record.run?.healthTimer !== undefined) {
    (await import('../health/health-timer.ts')).endHealth(record.run);
  }
  await together([
    sameBoot ? deleteFromRuntime(context, record) : Promise.resolve(),
    releaseNetwork(context, record.id, record.run?.netnsPath, record.run?.networks ?? record.networks ?? []),
    // After the runtime's delete nothing of the container holds the mount; lazily is not needed.
    unmountRootfs(context, record, { isRunOver: true }),
  ]);
  if (record.run?.monitorCgroup !== undefined) {
    const { removeMonitorCgroup } = await import('../pods/monitor-cgroup.ts');
    await removeMonitorCgroup(record.run.monitorCgroup);
  }
  if (record.options.networks !== undefined) {
    const { refreshPeerHosts } = await import('../network/peer-hosts.ts');
    await refreshPeerHosts(context, record.id);
  }
  if (hasMappedMounts(record)) {
    const { releaseMapped } = await import('../volumes/mapped-mounts.ts');
    releaseMapped(context, record.id);
  }
  if (record.options.mounts?.some(({ type }) => type === 'volume')) {
    const { releaseVolumes } = await import('../volumes/mounted-volume.ts');
    await releaseVolumes(context, record);
  }
  if (record.options.mounts?.some(({ type }) => type === 'image')) {
    const { releaseImageMounts } = await import('./image-mounts.ts');
    await releaseImageMounts(context, record.id);
  }
  rmSync(join(context.runDir, 'files', record.id), { recursive: true, force: true });
}

/**
 * Takes away what was made for a process that has not run. Its end is noted by the monitor as any other: nobody who
 * looks meanwhile, or after a crash in the midst of this, shall take it for one that has run.
 */
export async function releaseUnbegun(context: Context, record: ContainerRecord): Promise<void> {
  try {
    if (record.run !== undefined) await writeRun(context, record.id, { ...record.run, pid: 0 });
  } finally {
    await releaseRun(context, record); // also on a full disk
  }
}

/** What takes such mounts away is loaded for who has some. */
export function hasMappedMounts({ options }: ContainerRecord): boolean {
  return options.mounts?.some((mount) => mount.type === 'bind' && mount.idMaps !== undefined) ?? false;
}

/** The kernel ends all processes of a pid namespace with its first one, but not those that are in that of others. */
async function deleteFromRuntime(context: Context, record: ContainerRecord): Promise<void> {
  const handler = runtimeOf(context, record);
  const pod = record.podId === undefined ? undefined : await context.pods.get(record.podId);
  const pid = record.options.namespaces?.pid ?? pod?.options.namespaces?.pid ?? 'private';
  try {
    if (pid !== 'private') await handler.kill(record.id, 'KILL', { all: true });
  } catch (error) {
    // None are left, or it was never made.
    if (!hasCode(error, Code.NotFound) && !hasCode(error, Code.FailedPrecondition)) throw error;
  }
  await handler.delete(record.id, { force: true });
}

async function deleteStorage(context: Context, id: string): Promise<void> {
  try {
    await context.store.containers.delete(id);
  } catch (error) {
    if (!hasCode(error, Code.NotFound)) throw error;
  }
}

/** Unmounts what is mounted there; nothing when nothing is. */
export function unmountIfMounted(path: string): void {
  if (isMountPoint(path)) unmount(path, { lazy: true });
}

/** For callers outside: takes the lock. */
export async function cleanupContainer(context: Context, id: string): Promise<ContainerRecord | undefined> {
  return context.locks.hold(id, () => cleanupLocked(context, id));
}
