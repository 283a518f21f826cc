// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { pinNetworkNamespace, pinNetworkNamespaceOf, unpinNamespace } from '@lading/linux';
import { type Context, readContainer } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { NetworkAttachment } from '../types/network.ts';
import type { PodRecord } from '../types/pods.ts';
import { claimPorts } from './claim-ports.ts';
import { lockAttaching } from './network-garbage.ts';
import { type NetworkPlan, networkOf, planNamed } from './plan-named.ts';
import { refusePublishedPorts } from './published-ports.ts';
import { planSeveral } from './several-networks.ts';

export async function planNetwork(
  context: Context,
  record: ContainerRecord,
  pod: PodRecord | undefined,
): Promise<NetworkPlan> {
  const { networks = [], portMappings = [] } = record.options;
  if (networks.length > 0) return planSeveral(context, record.id, networks, portMappings);
  const mode = record.options.network ?? (pod !== undefined && sharesNetwork(pod) ? 'pod' : 'default');
  if (mode === 'pod') {
    if (pod === undefined) {
      throw new LadingError(Code.InvalidArgument, 'network "pod" needs a pod');
    }
    const path = pod.namespaces.net;
    return path === undefined ? hostPlan : { kind: 'path', path, attachments: [] };
  }
  if (mode === 'host') return hostPlan;
  if (mode === 'none') return { kind: 'new', attachments: [] };
  if (mode.startsWith('ns:')) return { kind: 'path', path: mode.slice(3), attachments: [] };
  if (mode.startsWith('container:')) {
    return { kind: 'path', path: await namespaceOf(context, mode.slice(10), 'net'), attachments: [] };
  }
  return planNamed(context, record.id, mode, record.options.portMappings ?? []);
}

/** Whether the network of a pod is that of its containers, where they do not say. */
function sharesNetwork({ options }: Pick<PodRecord, 'options'>): boolean {
  return options.namespaces?.net !== 'private';
}

const hostPlan: NetworkPlan = { kind: 'host', attachments: [] };

/**
 * Pins and connects the namespace that is planned; nothing for the other kinds.
 *
 * @param pid of the container's process, whose namespace it is; without one a new namespace is made
 */
export async function connectContainer(
  context: Context,
  record: { readonly id: string },
  plan: NetworkPlan,
  { signal, pid }: { readonly signal?: AbortSignal | undefined; readonly pid?: number } = {},
): Promise<readonly NetworkAttachment[]> {
  if (plan.ownNetns === undefined) return [];
  mkdirSync(dirname(plan.ownNetns), { recursive: true, mode: 0o700 });
  if (pid === undefined) pinNetworkNamespace(plan.ownNetns);
  else pinNetworkNamespaceOf(pid, plan.ownNetns);
  return await attachAll(context, record.id, plan.ownNetns, plan.attachments, signal);
}

export async function attachAll(
  context: Context,
  id: string,
  netnsPath: string,
  planned: readonly NetworkAttachment[],
  signal?: AbortSignal,
): Promise<readonly NetworkAttachment[]> {
  const ports = planned.flatMap(({ portMappings }) => portMappings);
  await refusePublishedPorts(context, id, ports);
  await using _claim = await claimPorts(ports);
  using _lock = planned.length === 0 ? undefined : await lockAttaching(context);
  const attached: NetworkAttachment[] = [];
  for (const { network, ifName, portMappings, args } of planned) {
    attached.push(
      await networkOf(context).attach({
        containerId: id,
        netnsPath,
        network,
        ifName,
        portMappings,
        ...(args && { args }),
        ...(signal && { signal }),
      }),
    );
  }
  return attached;
}

/** Detaches and unpins. Idempotent; the namespace may be gone. */
export async function releaseNetwork(
  context: Context,
  id: string,
  netnsPath: string | undefined,
  attachments: readonly NetworkAttachment[],
): Promise<void> {
  for (const attachment of attachments) {
    await networkOf(context).detach({
      containerId: id,
      attachment,
      ...(netnsPath !== undefined && { netnsPath }),
    });
  }
  if (netnsPath !== undefined) unpinNamespace(netnsPath);
}

/** Path of a namespace of a container that runs. */
export async function namespaceOf(
  context: Context,
  ref: string,
  kind: 'net' | 'ipc' | 'uts' | 'pid' | 'user',
): Promise<string> {
  const record = await readContainer(context, await context.containers.resolve(ref));
  const pid = record.run?.pid ?? 0;
  if (pid === 0) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} does not run; its ${kind} namespace cannot be joined`,
    );
  }
  return `/proc/${pid}/ns/${kind}`;
}
