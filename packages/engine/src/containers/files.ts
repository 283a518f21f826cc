// SPDX-License-Identifier: Apache-2.0
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeSmallFile } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { NetworkPlan } from '../network/plan-named.ts';
import { hostsFile, resolvConf } from '../rootfs/network-files.ts';
import { rootOf } from '../spec/user-namespace.ts';
import type { DnsOptions } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { NetworkAttachment } from '../types/network.ts';
import type { PodRecord } from '../types/pods.ts';

/** Files of the host that are mounted over those of the image. */
export interface ContainerFiles {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
  readonly passwd?: string;
}

/** Writes a container's own /etc files, or names those of its pod. */
export async function writeFiles(
  context: Context,
  record: ContainerRecord,
  pod: PodRecord | undefined,
  plan: NetworkPlan,
  networks: readonly NetworkAttachment[],
): Promise<ContainerFiles> {
  const own = record.options;
  const isOfPod = pod !== undefined && plan.ownNetns === undefined && plan.path === pod.namespaces.net;
  if (isOfPod && own.hostname === pod.hostname && !saysAny(own.dns) && !own.extraHosts?.length)
    return pod.files;
  const dns = saysAny(own.dns) ? own.dns : pod?.options.dns;
  const extraHosts = own.extraHosts?.length ? own.extraHosts : pod?.options.extraHosts;
  const folder = context.store.containers.runDirectory(record.id);
  return writeNetworkFiles(folder, {
    hostname: own.hostname ?? pod?.hostname ?? '',
    names: [record.name],
    networks: isOfPod ? pod.networks : networks,
    hostNetwork: plan.kind === 'host',
    ...(record.idMaps && { owner: rootOf(record.idMaps) }),
    ...(dns && { dns }),
    ...(extraHosts && { extraHosts }),
  });
}

function saysAny({ servers = [], searches = [], options = [] }: DnsOptions = {}): boolean {
  return servers.length + searches.length + options.length > 0;
}

export async function writeNetworkFiles(
  folder: string,
  options: Parameters<typeof resolvConf>[0] & {
    readonly hostname: string;
    readonly names?: readonly string[];
    readonly extraHosts?: readonly { readonly hostname: string; readonly ip: string }[];
    /** The container's root. Default: this process's user. */
    readonly owner?: { readonly uid: number; readonly gid: number };
  },
): Promise<ContainerFiles> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const files: ContainerFiles = {
    resolvConf: join(folder, 'resolv.conf'),
    hosts: join(folder, 'hosts'),
    hostname: join(folder, 'hostname'),
  };
  const addresses = options.networks.flatMap((network) =>
    network.ips.map((ip) => ip.address.replace(/\/\d+$/, '')),
  );
  writeSmallFile(files.resolvConf, await resolvConf(options), { mode: 0o644 });
  writeSmallFile(files.hosts, hostsFile({ ...options, addresses }), { mode: 0o644 });
  writeSmallFile(files.hostname, `${options.hostname}\n`, { mode: 0o644 });
  const { owner } = options;
  if (owner !== undefined)
    for (const path of [files.resolvConf, files.hosts, files.hostname]) chownSync(path, owner.uid, owner.gid);
  return files;
}

/** /etc/passwd with more lines, when there are any. */
export async function withPasswd(
  context: Context,
  record: ContainerRecord,
  rootfs: string,
  files: ContainerFiles,
): Promise<ContainerFiles> {
  const { passwdEntry, hostUsers } = record.options;
  const isNumber = /^\d/.test(record.process.user);
  if (hostUsers === undefined && (passwdEntry === undefined || !isNumber)) return files;
  const { passwdWithLines } = await import('../rootfs/passwd-lines.ts');
  const text = await passwdWithLines(rootfs, record);
  if (text === undefined) return files;
  const passwd = join(context.store.containers.runDirectory(record.id), 'passwd');
  writeSmallFile(passwd, text, { mode: 0o644 });
  if (record.idMaps !== undefined) {
    const { uid, gid } = rootOf(record.idMaps);
    chownSync(passwd, uid, gid);
  }
  return { ...files, passwd };
}
