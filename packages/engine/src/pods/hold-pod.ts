// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeLimitedCgroup, mount, pinNamespaces, removeLimitedCgroup, unpinNamespace } from '@lading/linux';
import { unmountIfMounted } from '../containers/cleanup.ts';
import { writeNetworkFiles } from '../containers/files.ts';
import type { Context } from '../core/context.ts';
import { attachAll, releaseNetwork } from '../network/container-network.ts';
import { refreshPeerHosts } from '../network/peer-hosts.ts';
import { planNamed } from '../network/plan-named.ts';
import { planSeveral } from '../network/several-networks.ts';
import { makeAccessible } from '../rootfs/make-accessible.ts';
import { ownCgroupOf } from '../spec/cgroup-path.ts';
import { resourcesSpec } from '../spec/resources.ts';
import { rootOf } from '../spec/user-namespace.ts';
import type { NetworkAttachment } from '../types/network.ts';
import type { PodOptions, PodRecord } from '../types/pods.ts';
import { endInfra, startInfra } from './infra.ts';

const defaultShmBytes = 65_536_000;

/** What a pod of these options will be connected to. */
export async function planPod(
  context: Context,
  id: string,
  { network = 'default', networks = [], namespaces, portMappings = [], cniArgs }: PodOptions,
): Promise<readonly NetworkAttachment[]> {
  if (namespaces?.net === 'private') return [];
  if (networks.length > 0) return (await planSeveral(context, id, networks, portMappings)).attachments;
  if (network === 'host' || network === 'none') return [];
  return (await planNamed(context, id, network, portMappings, cniArgs)).attachments;
}

/**
 * Takes what a pod needs of the machine: namespaces, network, shared files; the record says so afterwards. Whoever calls
 * gives it up again with {@link releasePod} when this fails.
 */
export async function holdPod(
  context: Context,
  planned: PodRecord,
  signal: AbortSignal | undefined,
): Promise<PodRecord> {
  const { hostname, files, namespaces, options } = planned;
  const { net, pid } = namespaces;
  const folder = dirname(files.hostname);
  let pod = planned;
  const nsFolder = join(folder, 'ns');
  await mkdir(nsFolder, { recursive: true, mode: 0o700 });
  const kinds = (['net', 'ipc', 'uts'] as const).filter((kind) => namespaces[kind] !== undefined);
  const { idMaps } = options;
  const owner = idMaps && rootOf(idMaps);
  if (kinds.length > 0 || idMaps !== undefined) {
    pinNamespaces(nsFolder, kinds, {
      ...(kinds.includes('uts') && { hostname }),
      ...(options.sysctls && { sysctls: options.sysctls }),
      idMaps,
    });
  }
  if (idMaps !== undefined) await makeAccessible(folder);
  const cgroup = ownCgroupOf(planned, context.cgroupParent);
  if (cgroup !== undefined) await makeLimitedCgroup(cgroup, resourcesSpec(options.resources ?? {}));
  if (pid !== undefined) pod = { ...pod, infra: await startInfra(context, pod, folder, pid) };
  if (net !== undefined) {
    pod = { ...pod, networks: await attachAll(context, pod.id, net, pod.networks, signal) };
  }
  if (files.shm !== undefined) {
    await mkdir(files.shm, { recursive: true });
    mount({
      source: 'shm',
      target: files.shm,
      type: 'tmpfs',
      flags: ['nosuid', 'nodev', 'noexec'],
      data: [
        `mode=1777,size=${options.shmSizeBytes ?? defaultShmBytes}`,
        ...(owner ? [`uid=${owner.uid},gid=${owner.gid}`] : []),
      ].join(','),
    });
  }
  await writeNetworkFiles(folder, {
    hostname,
    networks: pod.networks,
    hostNetwork: options.network === 'host',
    ...(owner && { owner }),
    ...(options.dns && { dns: options.dns }),
    ...(options.extraHosts && { extraHosts: options.extraHosts }),
  });
  pod = { ...pod, readyAt: context.now().toISOString() };
  await context.pods.replace(pod, { durable: true });
  if (options.networks !== undefined) await refreshPeerHosts(context);
  return pod;
}

/** Gives up what a pod holds of the machine. Idempotent. */
export async function releasePod(context: Context, pod: PodRecord): Promise<void> {
  const { pid, net, ipc, uts, user } = pod.namespaces;
  if (pid !== undefined) await endInfra(context, pod);
  const cgroup = ownCgroupOf(pod, context.cgroupParent);
  if (cgroup !== undefined) await removeLimitedCgroup(cgroup);
  await releaseNetwork(context, pod.id, net, pod.networks);
  for (const path of [pid, ipc, uts, user]) {
    if (path !== undefined) unpinNamespace(path);
  }
  if (pod.files.shm !== undefined) unmountIfMounted(pod.files.shm);
  await rm(dirname(pod.files.hostname), { recursive: true, force: true });
  if (pod.options.networks !== undefined) await refreshPeerHosts(context, pod.id);
}
