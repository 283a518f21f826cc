// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import type { ContainerInfo, NetworkAttachment } from '@lading/engine';
import { networkNames } from './container-row.ts';

/** What `inspect` tells of one network that a container is on. */
export interface ConnectedNetwork {
  readonly NetworkID: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly IPv6Gateway: string;
  readonly MacAddress: string;
  readonly Aliases: readonly string[];
  readonly EndpointID: '';
  readonly DriverOpts: null;
  readonly IPAMConfig: null;
  readonly Links: null;
}

/** By their names; without addresses while it does not run. */
export function connectedNetworks(container: ContainerInfo): ReadonlyMap<string, ConnectedNetwork> {
  const attached: readonly Pick<NetworkAttachment, 'network' | 'ips' | 'mac'>[] =
    container.run?.networks ?? networkNames(container).map((network) => ({ network, ips: [] }));
  return new Map(
    attached.map(({ network, ips, mac = '' }) => {
      const [four, six] = [false, true].map((wanted) => {
        const found = ips.find(({ address }) => isIPv6(address.replace(/\/.*/, '')) === wanted);
        const [address = '', prefix = '0'] = (found?.address ?? '').split('/');
        return { address, prefix: Number(prefix), gateway: found?.gateway ?? '' };
      });
      return [
        network,
        {
          NetworkID: network,
          IPAddress: four?.address ?? '',
          IPPrefixLen: four?.prefix ?? 0,
          Gateway: four?.gateway ?? '',
          GlobalIPv6Address: six?.address ?? '',
          GlobalIPv6PrefixLen: six?.prefix ?? 0,
          IPv6Gateway: six?.gateway ?? '',
          MacAddress: mac,
          EndpointID: '',
          DriverOpts: null,
          IPAMConfig: null,
          Links: null,
          Aliases: aliasesOn(container, network),
        },
      ];
    }),
  );
}

/** With the beginning of its id, by which the others on a named network find it too. */
function aliasesOn({ id, options }: ContainerInfo, network: string): readonly string[] {
  const choice = options.networks?.find(({ name }) => name === network);
  return choice === undefined ? [] : [...(choice.aliases ?? []), id.slice(0, 12)];
}
