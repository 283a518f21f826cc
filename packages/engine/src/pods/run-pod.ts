// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { hostname as hostName } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { mount, pinNamespaces, unpinNamespace } from '@lading/linux';
import { unmountIfMounted } from '../containers/cleanup.ts';
import { checkFree, freeName } from '../containers/create.ts';
import { writeNetworkFiles } from '../containers/files.ts';
import { type Context, namesLock, runtimeOf } from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import { randomId } from '../names.ts';
import { attachAll, planNamed, releaseNetwork } from '../network/container-network.ts';
import { checkHostname, checkPorts } from '../spec/check-options.ts';
import type { NetworkAttachment } from '../types/network.ts';
import type { PodOptions, PodRecord } from '../types/pods.ts';
import { endInfra, startInfra } from './infra.ts';
import { pauseProgram } from './pause-program.ts';

const defaultShmBytes = 65_536_000;

/** Makes a pod: a name, pinned namespaces, a network, shared files. No process belongs to it. */
export async function runPod(
  context: Context,
  options: PodOptions,
  signal?: AbortSignal,
): Promise<PodRecord> {
  const sharesPid = options.namespaces?.pid === 'pod';
  if (sharesPid) pauseProgram(); // refused before anything is made
  checkPorts(options.portMappings ?? []);
  if (options.runtime !== undefined) runtimeOf(context, options.runtime);
  const hostNetwork = options.network === 'host';
  const id = randomId();
  return context.locks.hold(
    id,
    async () => {
      const name = options.name ?? (await freeName(context));
      const hostname = options.hostname ?? (hostNetwork ? hostName() : hostnameOf(name));
      if (!hostNetwork || options.hostname !== undefined) checkHostname(hostname);
      const folder = podFolder(context, id);
      const nsFolder = join(folder, 'ns');
      const kinds = (['net', 'ipc', 'uts'] as const).filter((kind) => {
        if (kind === 'net') return !hostNetwork;
        if (kind === 'uts')
          return options.namespaces?.uts !== 'host' && !(hostNetwork && options.hostname === undefined);
        return options.namespaces?.ipc !== 'host';
      });
      checkSysctls(options.sysctls ?? {}, kinds);
      const planned: readonly NetworkAttachment[] =
        hostNetwork || options.network === 'none'
          ? []
          : (
              await planNamed(
                context,
                id,
                options.network ?? 'default',
                options.portMappings ?? [],
                options.cniArgs,
              )
            ).attachments;
      let pod: PodRecord = {
        version: 1,
        id,
        name,
        hostname,
        createdAt: context.now().toISOString(),
        options,
        bootId: context.bootId,
        namespaces: Object.fromEntries(
          [...kinds, ...(sharesPid ? ['pid'] : [])].map((kind) => [kind, join(nsFolder, kind)]),
        ),
        networks: planned,
        files: {
          resolvConf: join(folder, 'resolv.conf'),
          hosts: join(folder, 'hosts'),
          hostname: join(folder, 'hostname'),
          ...(options.namespaces?.ipc !== 'host' && { shm: join(folder, 'shm') }),
        },
      };
      // On disk before anything is made: whoever comes after a crash knows what may be there.
      await context.locks.hold(namesLock, async () => {
        await checkFree(context, name);
        await context.pods.add(pod, { durable: false });
      });
      const undo = createUndo();
      undo.add(() => context.locks.forget(id));
      undo.add(() => context.pods.delete(pod));
      undo.add(() => releasePod(context, pod));
      try {
        await mkdir(nsFolder, { recursive: true, mode: 0o700 });
        if (kinds.length > 0) {
          pinNamespaces(nsFolder, kinds, {
            ...(kinds.includes('uts') && { hostname }),
            ...(options.sysctls && { sysctls: options.sysctls }),
          });
        }
        if (pod.namespaces.pid !== undefined) {
          pod = { ...pod, infra: await startInfra(context, pod, folder, pod.namespaces.pid) };
        }
        if (pod.namespaces.net !== undefined) {
          const networks = await attachAll(context, id, pod.namespaces.net, planned, signal);
          pod = { ...pod, networks };
        }
        if (pod.files.shm !== undefined) {
          await mkdir(pod.files.shm, { recursive: true });
          mount({
            source: 'shm',
            target: pod.files.shm,
            type: 'tmpfs',
            flags: ['nosuid', 'nodev', 'noexec'],
            data: `mode=1777,size=${options.shmSizeBytes ?? defaultShmBytes}`,
          });
        }
        await writeNetworkFiles(folder, {
          hostname,
          networks: pod.networks,
          hostNetwork,
          ...(options.dns && { dns: options.dns }),
          ...(options.extraHosts && { extraHosts: options.extraHosts }),
        });
        pod = { ...pod, readyAt: context.now().toISOString() };
        await context.pods.replace(pod, { durable: true });
        return pod;
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

/** Gives up what a pod holds of the machine. Idempotent. */
export async function releasePod(context: Context, pod: PodRecord): Promise<void> {
  if (pod.namespaces.pid !== undefined) await endInfra(context, pod);
  await releaseNetwork(context, pod.id, pod.namespaces.net, pod.networks);
  for (const path of [pod.namespaces.pid, pod.namespaces.ipc, pod.namespaces.uts]) {
    if (path !== undefined) unpinNamespace(path);
  }
  if (pod.files.shm !== undefined) unmountIfMounted(pod.files.shm);
  await rm(podFolder(context, pod.id), { recursive: true, force: true });
}

function podFolder(context: Context, id: string): string {
  return join(context.runDir, 'pods', id);
}
