// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { networkKeys } from './filter-keys.ts';
import { all, time } from './flag-words.ts';
import { pruneFlags } from './prune-flags.ts';
import { latestFlag } from './select-flags.ts';

const two = { min: 2, max: 2 };
const createFlags: readonly FlagSpec[] = [
  { name: 'disable-dns', kind: 'boolean', help: 'Disable dns plugin: names are in /etc/hosts anyway' },
  {
    name: 'driver',
    short: 'd',
    kind: 'string',
    default: 'bridge',
    help: 'Driver to manage the network (bridge, macvlan, ipvlan)',
  },
  { name: 'gateway', kind: 'strings', help: 'IPv4 or IPv6 gateway for the subnet' },
  { name: 'ignore', kind: 'boolean', help: "Don't fail if network already exists" },
  { name: 'interface-name', kind: 'string', help: 'Interface name which is used by the driver' },
  { name: 'internal', kind: 'boolean', help: 'Restrict external access from this network' },
  { name: 'ip-range', kind: 'strings', help: 'Allocate container IP from range' },
  {
    name: 'ipam-driver',
    kind: 'string',
    help: 'IP Address Management Driver ("host-local"|"dhcp"|"none")',
    values: ['host-local', 'dhcp', 'none'],
  },
  { name: 'ipv6', kind: 'boolean', help: 'Enable IPv6 networking' },
  { name: 'label', kind: 'strings', help: 'Set metadata on a network' },
  { name: 'opt', short: 'o', kind: 'strings', help: 'Set driver specific options (mtu, vlan, parent, mode)' },
  { name: 'subnet', kind: 'strings', help: 'Subnets in CIDR format' },
];

/** `lading network …`. */
export const networkGroup: CommandSpec = {
  name: 'network',
  summary: 'Manage networks',
  usage: 'network [command]',
  subcommands: [
    {
      name: 'connect',
      summary: 'Add a container to a network',
      usage: 'connect [options] NETWORK CONTAINER',
      flags: [
        { name: 'alias', kind: 'strings', help: 'Network scoped alias for the container' },
        { name: 'ip', kind: 'string', help: 'Set a static ipv4 address for this container network' },
        { name: 'ip6', kind: 'string', help: 'Set a static ipv6 address for this container network' },
        { name: 'mac-address', kind: 'string', help: 'Set a static mac address for this container network' },
      ],
      args: two,
      examples: ['lading network connect web secondary'],
      load: () => import('../commands/network/connect.ts'),
    },
    {
      name: 'create',
      summary: 'Network create',
      description: 'Writes a CNI configuration into the folder of networks.',
      usage: 'create [options] [NAME]',
      flags: createFlags,
      args: { min: 0, max: 1 },
      examples: ['lading network create podnet', 'lading network create --subnet 192.0.2.0/24 mynet'],
      load: () => import('../commands/network/create.ts'),
    },
    {
      name: 'disconnect',
      summary: 'Remove a container from a network',
      usage: 'disconnect [options] NETWORK CONTAINER',
      flags: [
        { name: 'force', short: 'f', kind: 'boolean', help: 'Force removal of container from network' },
      ],
      args: two,
      examples: ['lading network disconnect web secondary'],
      load: async () => ({ run: (await import('../commands/network/connect.ts')).runDisconnect }),
    },
    {
      name: 'exists',
      summary: 'Network exists',
      description: 'If the named network exists, exit with 0, otherwise exit with 1.',
      usage: 'exists NETWORK',
      args: { min: 1, max: 1 },
      examples: ['lading network exists net1'],
      load: () => import('../commands/network/exists.ts'),
    },
    {
      name: 'inspect',
      summary: 'Displays the network configuration for one or more networks',
      usage: 'inspect [options] NETWORK [NETWORK...]',
      flags: [
        {
          name: 'format',
          short: 'f',
          kind: 'string',
          default: 'json',
          help: 'Pretty-print network to JSON or using a Go template',
        },
      ],
      args: { min: 1 },
      examples: ['lading network inspect lading'],
      load: () => import('../commands/network/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List networks',
      usage: 'ls [options]',
      flags: [
        {
          name: 'filter',
          values: networkKeys,
          short: 'f',
          kind: 'strings',
          help: "Provide filter values (e.g. 'name=lading')",
        },
        { name: 'format', kind: 'string', help: 'Pretty-print networks to JSON or using a Go template' },
        { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate the network ID' },
        { name: 'noheading', short: 'n', kind: 'boolean', help: 'Do not print headers' },
        { name: 'quiet', short: 'q', kind: 'boolean', help: 'Display only names' },
      ],
      args: { min: 0, max: 0 },
      examples: ['lading network ls'],
      load: () => import('../commands/network/list.ts'),
    },
    {
      name: 'prune',
      summary: 'Prune unused networks',
      usage: 'prune [options]',
      flags: pruneFlags,
      args: { min: 0, max: 0 },
      examples: ['lading network prune'],
      load: async () => ({ run: (await import('../commands/network/remove.ts')).runPrune }),
    },
    {
      name: 'reload',
      summary: 'Reload firewall rules for one or more containers',
      description: 'Connects containers to their networks anew, with the same addresses.',
      usage: 'reload [options] [CONTAINER...]',
      flags: [all('Reload network configuration of all containers'), latestFlag],
      args: { min: 0 },
      examples: ['lading network reload web', 'lading network reload --all'],
      load: () => import('../commands/network/reload.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove networks',
      usage: 'rm [options] NETWORK [NETWORK...]',
      flags: [
        { name: 'force', short: 'f', kind: 'boolean', help: 'Remove any containers using network' },
        time('Seconds to wait for running containers to stop before killing the container'),
      ],
      args: { min: 1 },
      examples: ['lading network rm net1'],
      load: () => import('../commands/network/remove.ts'),
    },
  ],
};
