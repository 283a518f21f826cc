// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { PortMapping } from '../types/container-options.ts';
import type { Network, NetworkAttachment } from '../types/network.ts';

/** How a container is to be connected; decided before anything is made. */
export interface NetworkPlan {
  /** `new`: the runtime makes one with only lo. `path`: an existing one. `host`: none of its own. */
  readonly kind: 'new' | 'path' | 'host';
  readonly path?: string;
  /** A namespace that is pinned for this container or pod alone. */
  readonly ownNetns?: string;
  /** What is to be attached to it, without addresses yet. */
  readonly attachments: readonly NetworkAttachment[];
}

/** A pinned namespace of its own on a network of the configuration. */
export async function planNamed(
  context: Context,
  id: string,
  mode: string,
  portMappings: readonly PortMapping[],
  args?: Readonly<Record<string, string>>,
): Promise<NetworkPlan> {
  const names = await networkOf(context).list();
  const name = mode === 'default' || mode === 'bridge' ? names[0] : names.find((known) => known === mode);
  if (name === undefined) {
    throw new LadingError(
      Code.NotFound,
      mode === 'default' || mode === 'bridge'
        ? 'no network is configured; add a CNI configuration, or use network "none" or "host"'
        : `no network named "${mode}"; there is ${names.join(', ') || 'none'}`,
      { reason: 'NETWORK_UNKNOWN' },
    );
  }
  const path = join(context.runDir, 'netns', id);
  return {
    kind: 'path',
    path,
    ownNetns: path,
    attachments: [{ network: name, ifName: 'eth0', ips: [], portMappings, ...(args && { args }) }],
  };
}

export function networkOf(context: Context): Network {
  if (context.network === undefined) {
    throw new LadingError(Code.FailedPrecondition, 'no network is configured; use network "none" or "host"', {
      reason: 'NETWORK_UNKNOWN',
    });
  }
  return context.network;
}
