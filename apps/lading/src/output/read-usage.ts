// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, Engine } from '@lading/engine';
import { readNetworkUsage } from '@lading/linux';
import type { Reading } from './usage-row.ts';

/** What a container has used by now. */
export async function readUsage(engine: Engine, container: ContainerInfo): Promise<Reading> {
  const usage = await engine.usage.container(container);
  return { container, usage, network: networkOf(container) };
}

/** What went through the interfaces of its own network namespace. */
function networkOf({ pid, status, options }: ContainerInfo): Reading['network'] {
  const isOwn = options.network !== 'host' && (status === 'running' || status === 'paused');
  let [receivedBytes, sentBytes] = [0n, 0n];
  for (const one of isOwn ? readNetworkUsage(`/proc/${pid}/ns/net`) : []) {
    if (one.name === 'lo') continue;
    receivedBytes += one.receivedBytes;
    sentBytes += one.sentBytes;
  }
  return { receivedBytes, sentBytes };
}
