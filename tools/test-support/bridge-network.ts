// SPDX-License-Identifier: Apache-2.0

interface BridgeNetwork {
  readonly name: string;
  readonly bridge: string;
  /** One an address family. */
  readonly subnets: readonly string[];
  /** Folder of the leases. */
  readonly dataDir: string;
  readonly ipMasq?: boolean;
  readonly cniVersion?: string;
}

/** The text of a CNI list that connects containers to a bridge, and to ports of the host. */
export function bridgeNetwork(network: BridgeNetwork): string {
  const { name, bridge, subnets, dataDir, ipMasq = true, cniVersion = '0.4.0' } = network;
  const ipam = {
    type: 'host-local',
    ranges: subnets.map((subnet) => [{ subnet }]),
    routes: subnets.map((subnet) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })),
    dataDir,
  };
  const plugins = [
    { type: 'bridge', bridge, isGateway: true, ipMasq, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion, name, plugins });
}
