// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, Engine } from '@lading/engine';
import { ensureDefaultNetwork } from './default-network.ts';

/**
 * Puts a container into the pod that `--pod` names. `new:NAME` makes one first, with the ports and the network that the
 * container asks for; in a pod that is there both are settled.
 */
export async function inPod(
  call: CommandCall,
  { pods }: Engine,
  options: ContainerOptions,
  text: string,
): Promise<ContainerOptions> {
  const { portMappings, network: mode, networks, ...rest } = options;
  const network = mode ?? soleName(networks);
  const { signal } = call.environment;
  const isNew = text.startsWith('new:');
  const pod = isNew ? text.slice('new:'.length) : text;
  if (isNew) {
    if ((network ?? 'default') === 'default') await ensureDefaultNetwork(call);
    await pods.run(
      {
        name: pod,
        ...(network !== undefined && { network }),
        ...(portMappings !== undefined && { portMappings }),
      },
      { signal },
    );
  } else {
    const settled =
      'is settled when the pod is created: network cannot be configured when it is shared with a pod';
    if (portMappings !== undefined) throw usageError(`publishing ports ${settled}`);
    if (network !== undefined) throw usageError(`the network ${settled}`);
    await pods.start(pod, { signal });
  }
  return { ...rest, pod };
}

function soleName(networks: ContainerOptions['networks']): string | undefined {
  const [first, ...others] = networks ?? [];
  if (others.length > 0 || Object.keys(first ?? {}).length > 1) {
    throw usageError('a pod is on one network, which has no options');
  }
  return first?.name;
}
