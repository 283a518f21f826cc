// SPDX-License-Identifier: Apache-2.0
import { hostname as hostName } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { checkFree, freeName } from '../containers/create.ts';
import { type Context, namesLock, runtimeOf } from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import { randomId } from '../names.ts';
import { checkHostname, checkMounts, checkPorts } from '../spec/check-options.ts';
import type { PodOptions, PodRecord, PodRunOptions } from '../types/pods.ts';
import { withVolumes } from '../volumes/container-volumes.ts';
import { holdPod, planPod, releasePod } from './hold-pod.ts';
import { pauseProgram } from './pause-program.ts';
import { givePodIdsBack, takePodIds } from './pod-ids.ts';

/** Makes a pod: a name, pinned namespaces, a network, shared files. No process belongs to it. */
export async function runPod(
  context: Context,
  options: PodOptions,
  { start = true, signal }: PodRunOptions = {},
): Promise<PodRecord> {
  const { net = 'pod', pid, ipc = 'pod', uts = 'pod' } = options.namespaces ?? {};
  const sharesPid = pid === 'pod';
  if (sharesPid) pauseProgram(); // refused before anything is made
  if (options.monitorPidFile !== undefined && !sharesPid) {
    throw new LadingError(
      Code.InvalidArgument,
      'the pod has no process that a monitor watches: let it share its pid namespace, or leave monitorPidFile out',
    );
  }
  checkMounts(options.containerDefaults?.mounts ?? []);
  checkPorts(options.portMappings ?? []);
  if (options.runtime !== undefined) runtimeOf(context, { id: '', runtime: options.runtime });
  const hostNetwork = options.network === 'host';
  const id = randomId();
  return context.locks.hold(
    id,
    async () => {
      const name = options.name ?? (await freeName(context));
      const isOfHost = hostNetwork || uts === 'host';
      const hostname = options.hostname ?? (isOfHost ? hostName() : hostnameOf(name));
      if (!isOfHost || options.hostname !== undefined) checkHostname(hostname);
      const folder = podFolder(context, id);
      const nsFolder = join(folder, 'ns');
      const kinds = (['net', 'ipc', 'uts'] as const).filter((kind) => {
        if (kind === 'net') return net === 'pod' && !hostNetwork;
        if (kind === 'uts') return uts === 'pod' && !(hostNetwork && options.hostname === undefined);
        return ipc === 'pod';
      });
      checkSysctls(options.sysctls ?? {}, kinds);
      const planned = await planPod(context, id, options);
      const undo = createUndo();
      const idMaps = await takePodIds(context, id, options, signal);
      undo.add(() => givePodIdsBack(context, { id, options }));
      const volumes = await withVolumes(context, options.containerDefaults?.mounts ?? []);
      undo.add(volumes.undo);
      const pod: PodRecord = {
        version: 1,
        id,
        name,
        hostname,
        createdAt: context.now().toISOString(),
        options: {
          ...options,
          ...(idMaps && { idMaps }),
          ...(volumes.mounts.length > 0 && {
            containerDefaults: { ...options.containerDefaults, mounts: volumes.mounts },
          }),
        },
        bootId: context.bootId,
        namespaces: Object.fromEntries(
          [...kinds, ...(sharesPid ? ['pid'] : []), ...(idMaps ? ['user'] : [])].map((kind) => [
            kind,
            join(nsFolder, kind),
          ]),
        ),
        networks: planned,
        ...(!start && { stoppedAt: context.now().toISOString() }),
        files: {
          resolvConf: join(folder, 'resolv.conf'),
          hosts: join(folder, 'hosts'),
          hostname: join(folder, 'hostname'),
          ...(ipc === 'pod' && { shm: join(folder, 'shm') }),
        },
      };
      undo.add(() => context.locks.forget(id));
      try {
        // On disk before anything is made: whoever comes after a crash knows what may be there.
        await context.locks.hold(namesLock, async () => {
          await checkFree(context, name);
          await context.pods.add(pod, { durable: false });
        });
        undo.add(() => context.pods.delete(pod));
        if (!start) return pod;
        undo.add(() => releasePod(context, pod));
        return await holdPod(context, pod, signal);
      } catch (error) {
        throw await undo.unwind(error);
      }
    },
    signal,
  );
}

/** A name may hold what a host name must not: `brisk_lighter` is `brisk-lighter`. */
function hostnameOf(name: string): string {
  return name
    .replace(/[^a-zA-Z0-9.-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .slice(0, 63)
    .replace(/[^a-zA-Z0-9]+$/, '');
}

/** A parameter of a namespace that is pinned is checked against it there; without one it belongs to the machine. */
function checkSysctls(sysctls: Readonly<Record<string, string>>, pinned: readonly string[]): void {
  const [name] = Object.keys(sysctls);
  if (name === undefined || pinned.length > 0) return;
  throw new LadingError(
    Code.InvalidArgument,
    `sysctl ${name} cannot be set: the pod has no namespace of its own, and it would change the whole machine`,
  );
}

function podFolder(context: Context, id: string): string {
  return join(context.runDir, 'pods', id);
}
