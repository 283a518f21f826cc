// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, Engine, PodInfo } from '@lading/engine';
import { ensureDefaultNetwork } from './default-network.ts';

/**
 * Puts a container into the pod that `--pod` names. `new:NAME` makes one first, with the ports and the network that the
 * container asks for; in a pod that is there both are settled, unless it does not share them.
 */
export async function inPod(
  call: CommandCall,
  { containers, pods }: Engine,
  options: ContainerOptions,
  text: string,
): Promise<ContainerOptions> {
  const { signal } = call.environment;
  if (!text.startsWith('new:')) {
    const pod = await pods.start(text, { signal });
    for (const id of options.requires ?? []) {
      if ((await containers.inspect(id)).podId === pod.id) continue;
      throw usageError(
        `container has joined pod ${pod.id} and dependency container ${id} is not a member of the pod`,
      );
    }
    const isAlone = pod.options.namespaces?.net === 'private';
    if (!isAlone) checkSettled(options, pod);
    else if (wantsDefaultNetwork(options)) await ensureDefaultNetwork(call);
    return { ...options, pod: text };
  }
  const name = text.slice('new:'.length);
  const { portMappings, network, networks, ...rest } = options;
  if (wantsDefaultNetwork(options)) await ensureDefaultNetwork(call);
  await pods.run(
    {
      name,
      resources: {},
      ...(network !== undefined && { network }),
      ...(networks !== undefined && { networks }),
      ...(portMappings !== undefined && { portMappings }),
    },
    { signal },
  );
  return { ...rest, pod: name };
}

/** Whether a container of its own, without a pod, is on the default network. */
export function wantsDefaultNetwork({
  network = 'default',
  networks = [{ name: network }],
}: ContainerOptions): boolean {
  return networks.some(({ name }) => name === 'default');
}

function checkSettled(
  { portMappings, network, networks, extraHosts = [], hostname, namespaces }: ContainerOptions,
  pod: PodInfo,
): void {
  const settled =
    'is settled when the pod is created: network cannot be configured when it is shared with a pod';
  if (portMappings !== undefined) throw usageError(`publishing ports ${settled}`);
  if (network !== undefined || networks !== undefined) throw usageError(`the network ${settled}`);
  if (extraHosts.length > 0) throw usageError(`what --add-host adds ${settled}`);
  if (hostname !== undefined && namespaces?.uts === undefined && pod.namespaces.uts !== undefined) {
    throw usageError('cannot set hostname when joining the pod UTS namespace: give it to the pod');
  }
}
