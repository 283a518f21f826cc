// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeCgroup, processStartTicks } from '@lading/linux';
import type { User } from '@lading/oci-spec';
import { type Context, deleteRun, runtimeOf, writeContainer, writeRun } from '../core/context.ts';
import { together, type Undo } from '../core/undo.ts';
import { connectContainer, namespaceOf, planNetwork } from '../network/container-network.ts';
import { heldPodOf } from '../pods/held-pod.ts';
import { monitorCgroupOf } from '../pods/monitor-cgroup.ts';
import { mountRootfs } from '../rootfs/folder-rootfs.ts';
import { makeAccessible } from '../rootfs/make-accessible.ts';
import { cgroupPathOf } from '../spec/cgroup-path.ts';
import { containerSpec } from '../spec/container-spec.ts';
import { writeSpec } from '../spec/write-spec.ts';
import type { ContainerRecord, ContainerRun, StartOptions } from '../types/containers.ts';
import type { MappedMounts } from '../volumes/mapped-mounts.ts';
import { unlessCaredFor } from './caretaker.ts';
import { hasMappedMounts, releaseUnbegun } from './cleanup.ts';
import { withPasswd, writeFiles } from './files.ts';
import { mountImages } from './image-mounts.ts';

/** What a start adds to a record: who its process is, and where it is on which networks. */
export type MadeFields = Pick<ContainerRecord, 'networks' | 'user'>;

export interface MakeOptions extends Pick<StartOptions, 'fds' | 'signal'> {
  /** Gets what takes all of it away again. */
  readonly undo: Undo;
  /** The record that is written meanwhile. */
  readonly recordOf: (run: ContainerRun, made: MadeFields) => ContainerRecord;
}

/** Mounts and connects a container, and has the runtime make it: its process waits. The caller holds its lock. */
export async function makeProcess(
  context: Context,
  record: ContainerRecord,
  { fds, recordOf, signal, undo }: MakeOptions,
): Promise<{ readonly record: ContainerRecord; readonly run: ContainerRun }> {
  const { bundle, id, options } = record;
  const handler = runtimeOf(context, record);
  const pod = await heldPodOf(context, record);
  const runFolder = context.store.containers.runDirectory(id);
  const plan = await planNetwork(context, record, pod);
  const monitorCgroup =
    pod !== undefined && context.runtimes.monitorsInPods.has(record.runtime)
      ? monitorCgroupOf(id, cgroupPathOf(record, pod, context.cgroupParent))
      : undefined;
  // On disk before anything is made: whoever comes after a crash knows what may be there.
  let run: ContainerRun = {
    startedAt: context.now().toISOString(),
    pid: 0,
    bootId: context.bootId,
    networks: plan.attachments,
    rootfs: '',
    ...(plan.ownNetns !== undefined && { netnsPath: plan.ownNetns }),
    ...(monitorCgroup !== undefined && { monitorCgroup }),
  };
  await writeRun(context, id, run);
  undo.add(() => deleteRun(context, id));
  undo.add(() => releaseUnbegun(context, { ...record, run }));
  // A user namespace must own the container's network to mount /sys: the runtime makes both, and then it is connected.
  const isConnectedLater = record.idMaps !== undefined && plan.ownNetns !== undefined;
  const [rootfs, early] = await together([
    mountRootfs(context, record),
    isConnectedLater ? Promise.resolve([]) : connectContainer(context, record, plan, { signal }),
  ]);
  for (const folder of [bundle, runFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  let networks = early;
  run = { ...run, rootfs, networks };
  const ownFiles = await writeFiles(context, record, pod, plan, networks);
  const files = await withPasswd(context, record, rootfs, ownFiles);
  if (record.idMaps !== undefined) {
    for (const folder of [rootfs, bundle, runFolder]) await makeAccessible(folder);
  }
  await using images = await mountImages(context, id, options.mounts ?? []);
  using mapped = await withMappedMounts(context, await withBoundMounts(context, record, rootfs));
  const ownSpec = await containerSpec({
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
  const notifySocket = options.notify?.by === 'container' ? options.notify.socket : undefined;
  const spec =
    notifySocket === undefined
      ? ownSpec
      : await (await import('./service-manager.ts')).withNotifySocket(ownSpec, record);
  writeSpec(bundle, spec);
  const monitorCgroups = monitorCgroup === undefined ? [] : await makeCgroup(monitorCgroup);
  const user = spec.process?.user;
  const written = (networks: ContainerRun['networks']): ContainerRecord =>
    recordOf(run, { ...(networks.length > 0 && { networks }), ...(user && { user: userOf(user) }) });
  const [created] = await together([
    handler.create({
      id,
      name: record.name,
      bundle,
      logPath: record.logPath,
      pidFile: options.pidFile ?? join(runFolder, 'pidfile'),
      conmonPidFile: options.monitorPidFile ?? join(runFolder, 'conmon.pid'),
      exitCommand: exitCommandOf(context, record),
      ...(options.logDriver && { logDriver: options.logDriver }),
      ...(options.logTag !== undefined && { logTag: options.logTag }),
      ...(options.logSizeMaxBytes !== undefined && {
        logSizeMaxBytes: options.logSizeMaxBytes,
      }),
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(options.terminal && { terminal: true }),
      ...(options.stdin && { stdin: true, leaveStdinOpen: options.stdinOnce !== true }),
      ...(notifySocket !== undefined && { notifySocket }),
      ...(fds && { fds }),
      ...(monitorCgroups.length > 0 && { monitorCgroups }),
      ...(signal && { signal }),
    }),
    // Ahead, so that the disk is waited for while the runtime works.
    writeContainer(context, written(networks)),
  ]);
  run = { ...run, pid: created.pid, monitorPid: created.monitorPid };
  if (isConnectedLater) {
    networks = await connectContainer(context, record, plan, {
      signal,
      pid: created.pid,
    });
    run = { ...run, networks };
    // The same files, which are mounted: now with the addresses.
    await writeFiles(context, record, pod, plan, networks);
    await writeContainer(context, written(networks));
  }
  const ticks = processStartTicks(created.pid);
  return {
    record: written(networks),
    run: { ...run, ...(ticks !== undefined && { pidStartTicks: ticks }) },
  };
}

function exitCommandOf(context: Context, record: ContainerRecord): readonly string[] {
  const command = record.options.exitCommand ?? unlessCaredFor(context, record, context.exitCommand);
  return command.map((word) => word.replaceAll('{id}', record.id));
}

function userOf({ uid = 0, gid = 0, additionalGids = [] }: User): NonNullable<ContainerRecord['user']> {
  return { uid, gid, additionalGids };
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
