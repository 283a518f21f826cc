// SPDX-License-Identifier: Apache-2.0
import type { Cni, CniOptions, CniResult } from '@lading/cni';
import type { Network, NetworkAttachment } from '../types/network.ts';

/** Networks of a folder of CNI configurations. Nothing is loaded before the first use. */
export function cniNetwork(options: CniOptions): Network {
  let opened: Promise<Cni> | undefined;
  const open = (): Promise<Cni> => {
    opened ??= import('@lading/cni').then(({ createCni }) => createCni(options));
    return opened;
  };
  return {
    async attach({ containerId, netnsPath, network, ifName = 'eth0', portMappings = [], args, signal }) {
      const cni = await open();
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
      const cni = await open();
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
    status: async () => (await open()).status(),
    async list() {
      const networks = await (await open()).networks();
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
