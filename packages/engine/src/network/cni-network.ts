// SPDX-License-Identifier: Apache-2.0
import { type CniOptions, type CniResult, createCni } from '@lading/cni';
import type { Network, NetworkAttachment } from '../types/network.ts';

/** Networks of a folder of CNI configurations. */
export function cniNetwork(options: CniOptions): Network {
  const cni = createCni(options);
  return {
    async attach({ containerId, netnsPath, network, ifName = 'eth0', portMappings = [], args, signal }) {
      const result = await cni.attach({
        containerId,
        netnsPath,
        ifName,
        portMappings,
        ...(network !== undefined && { network }),
        ...(args && { args }),
        ...(signal && { signal }),
      });
      return {
        network: network ?? (await cni.defaultNetwork()).name,
        ifName,
        ...addressesOf(result, ifName),
        portMappings,
        ...(args && { args }),
      };
    },
    async detach({ containerId, netnsPath, attachment, signal }) {
      const { network, ifName, portMappings, args } = attachment;
      await cni.detach({
        containerId,
        network,
        ifName,
        portMappings,
        ...(netnsPath !== undefined && { netnsPath }),
        ...(args && { args }),
        ...(signal && { signal }),
      });
    },
    status: () => cni.status(),
    async list() {
      const networks = await cni.networks();
      return networks.map(({ name }) => name);
    },
  };
}

function addressesOf(result: CniResult, ifName: string): Pick<NetworkAttachment, 'ips' | 'mac' | 'dns'> {
  const mac = result.interfaces?.find(({ name, sandbox }) => name === ifName && sandbox)?.mac;
  const { nameservers = [], search = [], options = [] } = result.dns ?? {};
  return {
    ips: (result.ips ?? []).map(({ address, gateway }) => ({ address, ...(gateway && { gateway }) })),
    ...(mac !== undefined && { mac }),
    ...(nameservers.length > 0 && { dns: { nameservers, search, options } }),
  };
}
