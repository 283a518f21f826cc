// SPDX-License-Identifier: Apache-2.0
import type { NetworkConfigList } from './types.ts';

export interface BridgeNetworkOptions {
  readonly name: string;
  /** Name of the bridge on the host, at most 15 characters. Default: the network's. */
  readonly bridge?: string;
  /** In CIDR form, such as `10.89.0.0/24`. */
  readonly subnet: string;
  /** Hide the containers' addresses from the world outside. Default true. */
  readonly ipMasq?: boolean;
  /** Folder of the address leases. Default: host-local's, `/var/lib/cni/networks`. */
  readonly dataDir?: string;
  readonly mtu?: number;
}

/** A network on a bridge with addresses from host-local and port mappings: what container tools ship as their default. */
export function bridgeNetworkConfig(options: BridgeNetworkOptions): NetworkConfigList {
  const { name, bridge = name, subnet, ipMasq = true, dataDir, mtu } = options;
  return {
    cniVersion: '1.0.0',
    name,
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq,
        hairpinMode: true,
        ...(mtu === undefined ? {} : { mtu }),
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
          ...(dataDir === undefined ? {} : { dataDir }),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
