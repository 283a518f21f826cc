// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCgroup, mount, processStartTicks, writeSmallFile } from '@lading/linux';
import { defaultLinuxSpec, type Spec, withLinux, withProcess, withRoot } from '@lading/oci-spec';
import { type Context, runtimeOf } from '../core/context.ts';
import type { Runnable } from '../core/runtime-table.ts';
import { ownCgroupOf } from '../spec/cgroup-path.ts';
import { rootOf, withIdMaps } from '../spec/user-namespace.ts';
import { writeSpec } from '../spec/write-spec.ts';
import type { PodRecord } from '../types/pods.ts';
import { monitorCgroupOf, removeMonitorCgroup } from './monitor-cgroup.ts';
import { pauseProgram } from './pause-program.ts';

/** Of nobody in any image; an id that a user namespace may not have, whose root is nobody outside. */
const nobody = 65_535;

/** Id by which the runtime knows the process that holds a pod's pid namespace. */
function infraId(podId: string): string {
  return `${podId}-infra`;
}

/**
 * Starts the first process of a pid namespace that the containers of a pod share, and pins that namespace on a file.
 * It has a root file system with nothing but itself, no right and no network: containers that may look into it find
 * nothing.
 */
export async function startInfra(
  context: Context,
  pod: PodRecord,
  folder: string,
  pinAt: string,
): Promise<NonNullable<PodRecord['infra']>> {
  const id = infraId(pod.id);
  const bundle = join(folder, 'infra');
  const rootfs = join(bundle, 'rootfs');
  await mkdir(rootfs, { recursive: true, mode: 0o755 });
  const program = join(rootfs, 'pause');
  writeSmallFile(program, pauseProgram());
  await chmod(program, 0o555);
  const { idMaps } = pod.options;
  const owner = idMaps && rootOf(idMaps);
  if (owner !== undefined) await chown(rootfs, owner.uid, owner.gid);
  const cgroupsPath = infraCgroupOf(context, pod);
  const plain = infraSpec(rootfs, cgroupsPath, idMaps === undefined ? nobody : 0);
  const spec = idMaps === undefined ? plain : withIdMaps(plain, idMaps, { path: pod.namespaces.user });
  writeSpec(bundle, spec);
  const runnable = runnableOf(context, pod);
  const handler = runtimeOf(context, runnable);
  const monitorCgroups = context.runtimes.monitorsInPods.has(runnable.runtime)
    ? await makeCgroup(monitorCgroupOf(id, cgroupsPath))
    : [];
  const { pid, monitorPid } = await handler.create({
    id,
    bundle,
    logPath: join(bundle, 'log'),
    logDriver: 'none',
    pidFile: join(bundle, 'pidfile'),
    conmonPidFile: pod.options.monitorPidFile ?? join(bundle, 'conmon.pid'),
    ...(monitorCgroups.length > 0 && { monitorCgroups }),
  });
  const pidStartTicks = processStartTicks(pid);
  writeSmallFile(pinAt, '', { flag: 'wx', mode: 0o600 });
  mount({ source: `/proc/${pid}/ns/pid`, target: pinAt, flags: ['bind'] });
  await handler.start(id);
  return { pid, monitorPid, ...(pidStartTicks !== undefined && { pidStartTicks }) };
}

function runnableOf({ runtimes }: Context, { id, options }: PodRecord): Runnable {
  return { id, runtime: options.runtime ?? runtimes.defaultName };
}

/** Ends it, and with it every process of the namespace. Idempotent. */
export async function endInfra(context: Context, pod: PodRecord): Promise<void> {
  const handler = runtimeOf(context, runnableOf(context, pod));
  await handler.delete(infraId(pod.id), { force: true });
  await handler.forget(infraId(pod.id));
  await removeMonitorCgroup(monitorCgroupOf(infraId(pod.id), infraCgroupOf(context, pod)));
}

function infraCgroupOf({ cgroupParent }: Context, pod: PodRecord): string {
  const ofPod = ownCgroupOf(pod, cgroupParent) ?? pod.options.cgroupParent;
  return join(ofPod ?? cgroupParent, `lading-${infraId(pod.id)}`);
}

/** Whether the process lives; with it ends the namespace, and no container can join it any more. */
export function infraLives({ pid, pidStartTicks }: NonNullable<PodRecord['infra']>): boolean {
  const ticks = processStartTicks(pid);
  return ticks !== undefined && ticks === (pidStartTicks ?? ticks);
}

function infraSpec(rootfs: string, cgroupsPath: string, id: number): Spec {
  const none: string[] = [];
  const spec = withProcess(withRoot(defaultLinuxSpec(), { path: rootfs, readonly: true }), {
    args: ['/pause'],
    env: [],
    user: { uid: id, gid: id },
    noNewPrivileges: true,
    oomScoreAdj: 0,
    capabilities: { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none },
  });
  return withLinux(spec, { cgroupsPath });
}
