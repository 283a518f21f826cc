// SPDX-License-Identifier: Apache-2.0

import type { Cni, CniOptions, CniResult } from '@lading/cni';
import { Code, hasCode } from '@lading/errors';
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
      try {
        await cni.detach({
          containerId,
          network,
          ifName,
          portMappings,
          ...(netnsPath !== undefined && { netnsPath }),
          ...(args && { args }),
          ...(signal && { signal }),
        });
      } catch (error) {
        // A network that is configured no more and left no note of the attachment: nothing can be asked.
        const known = (await cni.networks()).some(({ name }) => name === network);
        if (known || !hasCode(error, Code.NotFound)) throw error;
      }
    },
    async collectGarbage(inUse, { signal }) {
      const cni = await open();
      const { name } = await cni.defaultNetwork();
      const valid = async () => (await inUse()).filter(({ network }) => network === name);
      await cni.collectGarbage({ network: name, valid, signal });
    },
    status: async () => (await open()).status(),
    async list() {
      const names = (await (await open()).networks()).map(({ name }) => name);
      const first = options.defaultNetwork;
      // A default that is named and missing is no reason to take another.
      return first === undefined ? names : [first, ...names.filter((name) => name !== first)];
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
