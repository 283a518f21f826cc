// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { bridgeNetworkConfig, type NetworkConfigList } from '@lading/cni';
import { type Flags, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { freeSubnet } from '../container/default-network.ts';
import { pairsToRecord } from '../options/key-value.ts';
import type { NamedNetwork } from './networks.ts';

/** The configuration that the flags of `network create` ask for. */
export function newNetwork(name: string, flags: Flags, known: readonly NamedNetwork[]): NetworkConfigList {
  const driver = flags.string('driver') || 'bridge';
  const options = pairsToRecord(flags.strings('opt'));
  const labels = pairsToRecord(flags.strings('label'));
  const ipam = readIpam(flags);
  const own =
    driver === 'bridge' ? bridge(name, flags, options, known) : onParent(name, driver, flags, options);
  const list = ipam === undefined ? own : withIpam(own, ipam);
  // Where podman keeps them, which reads the same folder.
  const args = {
    ...(Object.keys(labels).length > 0 && { podman_labels: labels }),
    ...(Object.keys(options).length > 0 && { podman_options: options }),
  };
  return Object.keys(args).length === 0 ? list : Object.assign({ ...list }, { args });
}

/** `--ipam-driver`, when it is not the one that keeps addresses by itself. */
function readIpam(flags: Flags): { readonly type?: string } | undefined {
  const driver = flags.string('ipam-driver') || 'host-local';
  if (driver === 'host-local') return undefined;
  if (driver !== 'dhcp' && driver !== 'none') throw usageError(`unsupported ipam driver ${quote(driver)}`);
  if (flags.strings('subnet').length > 0) {
    throw usageError(`${driver} ipam driver is set but subnets are given`);
  }
  return driver === 'dhcp' ? { type: 'dhcp' } : {};
}

function withIpam(list: NetworkConfigList, ipam: object): NetworkConfigList {
  const [first, ...others] = list.plugins;
  if (first === undefined) return list;
  // Without addresses the bridge is nobody's way out.
  const bare = first.type === 'bridge' ? { ...first, isGateway: false, ipMasq: false } : first;
  return { ...list, plugins: [{ ...bare, ipam }, ...others] };
}

function bridge(
  name: string,
  flags: Flags,
  options: Readonly<Record<string, string>>,
  known: readonly NamedNetwork[],
): NetworkConfigList {
  checkOptions(options, ['mtu', 'vlan', 'com.docker.network.driver.mtu']);
  const mtu = options.mtu ?? options['com.docker.network.driver.mtu'];
  const internal = flags.boolean('internal');
  const given = flags.strings('subnet');
  const taken = known.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet));
  for (const subnet of given) {
    if (taken.includes(subnet)) throw usageError(`subnet ${subnet} is already used by another network`);
  }
  const subnets = withBothFamilies(given, taken, flags.boolean('ipv6'));
  const gateway = flags.strings('gateway')[0];
  if (gateway !== undefined) checkInside(gateway, given);
  const list = bridgeNetworkConfig({
    name,
    bridge: flags.string('interface-name') || freeBridge(known),
    subnet: subnets,
    ipMasq: !internal,
    ...(gateway !== undefined && { gateway: checkGateway(gateway) }),
    ...(mtu !== undefined && { mtu: number('mtu', mtu) }),
  });
  const range = flags.strings('ip-range')[0];
  const plugins = list.plugins.map((plugin) => {
    if (plugin.type !== 'bridge') return plugin;
    const vlan = options.vlan === undefined ? {} : { vlan: number('vlan', options.vlan) };
    const ranges = subnets.map((subnet, index) => [
      { subnet, ...(index === 0 && gateway && { gateway }), ...(index === 0 && range && limits(range)) },
    ]);
    const routes = internal
      ? []
      : subnets.map((each) => ({ dst: each.includes(':') ? '::/0' : '0.0.0.0/0' }));
    return { ...plugin, ...vlan, isGateway: !internal, ipam: { type: 'host-local', ranges, routes } };
  });
  return { ...list, plugins };
}

/** The given ones, or a free one; with IPv6 one of each family at least. */
function withBothFamilies(
  given: readonly string[],
  taken: readonly string[],
  ipv6: boolean,
): readonly string[] {
  const isSix = (subnet: string): boolean => subnet.includes(':');
  const four = given.length === 0 || (ipv6 && given.every(isSix)) ? [freeSubnet(taken)] : [];
  if (!ipv6 || given.some(isSix)) return [...given, ...four];
  // A unique local prefix: by chance, as RFC 4193 has it.
  const words =
    randomBytes(7)
      .toString('hex')
      .match(/.{1,4}/g) ?? [];
  const [first = '', second = '', third = '', last = ''] = words;
  return [...given, ...four, `fd${last}:${first}:${second}:${third}::/64`];
}

function onParent(
  name: string,
  driver: string,
  flags: Flags,
  options: Readonly<Record<string, string>>,
): NetworkConfigList {
  if (driver !== 'macvlan' && driver !== 'ipvlan') {
    throw usageError(`unsupported driver ${quote(driver)}: use bridge, macvlan or ipvlan`);
  }
  checkOptions(options, ['mtu', 'parent', 'mode']);
  const subnets = flags.strings('subnet');
  const gateway = flags.strings('gateway')[0];
  const range = flags.strings('ip-range')[0];
  if (driver === 'ipvlan' && subnets.length === 0) throw usageError('ipvlan needs a --subnet');
  const parent = options.parent ?? (flags.string('interface-name') || undefined);
  const ipam =
    subnets.length === 0
      ? { type: 'dhcp' }
      : {
          type: 'host-local',
          ranges: subnets.map((subnet, index) => [
            {
              subnet,
              ...(index === 0 && gateway && { gateway: checkGateway(gateway) }),
              ...(index === 0 && range && limits(range)),
            },
          ]),
          ...(!flags.boolean('internal') && {
            routes: subnets.map((each) => ({ dst: each.includes(':') ? '::/0' : '0.0.0.0/0' })),
          }),
        };
  return {
    cniVersion: '0.4.0',
    name,
    plugins: [
      {
        type: driver,
        ...(parent !== undefined && { master: parent }),
        ...(options.mode !== undefined && { mode: options.mode }),
        ...(options.mtu !== undefined && { mtu: number('mtu', options.mtu) }),
        ipam,
      },
    ],
  };
}

function checkOptions(options: Readonly<Record<string, string>>, allowed: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) throw usageError(`unsupported network option ${quote(key)}`);
  }
}

function checkGateway(text: string): string {
  if (isIP(text) === 0) throw usageError(`invalid gateway ${quote(text)}: it is no address`);
  return text;
}

function checkInside(gateway: string, subnets: readonly string[]): void {
  checkGateway(gateway);
  if (subnets.length === 0) throw usageError('cannot set gateway without subnet');
  const inside = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix = ''] = subnet.split('/');
    if (isIP(address) !== 0) inside.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  if (inside.check(gateway, isIP(gateway) === 6 ? 'ipv6' : 'ipv4')) return;
  throw usageError(`gateway ${gateway} not in subnet ${subnets.join(', ')}`);
}

function number(key: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw usageError(`${key} ${quote(text)} is not a number`);
  return Number(text);
}

/** `10.0.0.0/28` or `10.0.0.5-10.0.0.9`, as the first and last address of the leases. */
function limits(range: string): { rangeStart: string; rangeEnd: string } {
  const [first = '', last] = range.split('-');
  if (last !== undefined) {
    if (isIP(first) !== 4 || isIP(last) !== 4) throw usageError(`invalid --ip-range ${quote(range)}`);
    return { rangeStart: first, rangeEnd: last };
  }
  const [address = '', prefix = ''] = range.split('/');
  if (isIP(address) !== 4 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 30) {
    throw usageError(`invalid --ip-range ${quote(range)}: use a part of the subnet such as 10.0.0.0/28`);
  }
  const size = 2 ** (32 - Number(prefix));
  const start = Math.floor(toNumber(address) / size) * size;
  return { rangeStart: toAddress(start + 1), rangeEnd: toAddress(start + size - 2) };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function freeBridge(known: readonly NamedNetwork[]): string {
  const taken = new Set([
    ...Object.keys(networkInterfaces()),
    ...known.map(({ interfaceName }) => interfaceName),
  ]);
  for (let index = 1; ; index++) if (!taken.has(`lading${index}`)) return `lading${index}`;
}
