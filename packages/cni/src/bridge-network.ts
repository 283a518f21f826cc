// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { isName } from './parse-config.ts';
import { isInterfaceName } from './plugin-input.ts';
import type { NetworkConfigList } from './types.ts';

export interface BridgeNetworkOptions {
  readonly name: string;
  /** Name of the bridge on the host, at most 15 characters. Default: the network's. */
  readonly bridge?: string;
  /** In CIDR form, such as `10.89.0.0/24`; or two, one of IPv4 and one of IPv6. */
  readonly subnet: string | readonly string[];
  /** Address of the bridge in the first subnet. Default: its first one. */
  readonly gateway?: string;
  /** Hide the containers' addresses from the world outside. Default true. */
  readonly ipMasq?: boolean;
  /** Folder of the address leases. Default: host-local's, `/var/lib/cni/networks`. */
  readonly dataDir?: string;
  readonly mtu?: number;
}

/**
 * A network on a bridge with addresses from host-local and port mappings: what container tools ship as their default.
 * Written as JSON to `<configDir>/<name>.conflist` it is one that every CNI runtime can use.
 *
 * @throws LadingError `invalid_argument`
 */
export function bridgeNetworkConfig(options: BridgeNetworkOptions): NetworkConfigList {
  const { name, bridge = name, subnet, gateway, ipMasq = true, dataDir, mtu } = options;
  const subnets = typeof subnet === 'string' ? [subnet] : subnet;
  if (!isName(name)) throw fault(`${JSON.stringify(name)} cannot be the name of a network`);
  if (!isInterfaceName(bridge)) throw fault(`${JSON.stringify(bridge)} cannot be the name of a bridge`);
  for (const each of subnets) checkSubnet(each);
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
          ranges: subnets.map((each, i) => [{ subnet: each, ...(i === 0 && gateway && { gateway }) }]),
          routes: subnets.map((each) => ({ dst: each.includes(':') ? '::/0' : '0.0.0.0/0' })),
          ...(dataDir === undefined ? {} : { dataDir }),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function checkSubnet(subnet: string): void {
  const [address = '', prefix = ''] = subnet.split('/');
  const longest = isIPv4(address) ? 30 : isIPv6(address) ? 126 : -1;
  if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest && subnet === `${address}/${prefix}`) return;
  throw fault(`${JSON.stringify(subnet)} is not a subnet with room for containers, such as 10.89.0.0/24`);
}

function fault(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message);
}
