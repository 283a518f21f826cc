// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { createFlags } from './create-flags.ts';

/** Flags that mean for all containers of a pod what they mean for one container. */
const likeContainers = (...names: readonly string[]): readonly FlagSpec[] =>
  createFlags.filter(({ name }) => names.includes(name));

/** What `pod create` and `pod clone` share. */
const podFlags: readonly FlagSpec[] = [
  ...likeContainers(
    ...['blkio-weight', 'blkio-weight-device', 'cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems'],
    ...['device', 'device-read-bps', 'device-write-bps', 'memory', 'memory-swap'],
    ...['gidmap', 'subgidname', 'subuidname', 'uidmap', 'userns'],
    ...['hostname', 'label', 'label-file', 'pid', 'security-opt', 'shm-size', 'sysctl', 'uts'],
    ...['volume', 'volumes-from'],
  ),
  { name: 'cgroup-parent', kind: 'string', help: 'Optional parent cgroup for the pod' },
  {
    name: 'infra-command',
    kind: 'string',
    help: 'Accepted as with podman, and without effect: no image of a pod is run',
  },
  {
    name: 'infra-conmon-pidfile',
    kind: 'string',
    completes: 'file',
    help: 'Path to the file that will receive the PID of conmon, of a pod that shares its PID namespace',
  },
  {
    name: 'infra-name',
    kind: 'string',
    help: 'Accepted as with podman, and without effect: a pod has no container but yours',
  },
];

export const podCreate: CommandSpec = {
  name: 'create',
  summary: 'Create a new empty pod',
  description:
    'After creating the pod, the pod ID is printed to stdout.\n\nIts namespaces and its network are there at once; no process holds them unless the pod shares its PID namespace.',
  usage: 'create [options] [NAME]',
  flags: [
    ...podFlags,
    ...likeContainers('add-host', 'dns', 'dns-option', 'dns-search', 'ip', 'ip6', 'mac-address'),
    ...likeContainers('network', 'network-alias', 'no-hosts', 'publish'),
    {
      name: 'exit-policy',
      kind: 'string',
      default: 'continue',
      values: ['continue', 'stop'],
      help: 'Behaviour when the last container exits',
    },
    {
      name: 'infra',
      kind: 'boolean',
      default: true,
      help: 'Share namespaces among the containers of the pod; no infra container is needed for that',
    },
    {
      name: 'infra-image',
      kind: 'string',
      help: 'Accepted as with podman, and without effect: no image of a pod is run',
    },
    { name: 'name', short: 'n', kind: 'string', help: 'Assign a name to the pod' },
    { name: 'pod-id-file', kind: 'string', completes: 'file', help: 'Write the pod ID to the file' },
    { name: 'replace', kind: 'boolean', help: 'If a pod with the same name exists, replace it' },
    {
      name: 'share',
      kind: 'string',
      default: 'ipc,net,uts',
      help: 'A comma delimited list of kernel namespaces the pod will share',
    },
    {
      name: 'share-parent',
      kind: 'boolean',
      default: true,
      help: "Set the pod's cgroup as the cgroup parent for all containers joining the pod",
    },
  ],
  args: { min: 0, max: 1 },
  examples: ['lading pod create', 'lading pod create --label foo=bar -p 8080:80 mypod'],
  load: () => import('../commands/pod/create.ts'),
};

export const podClone: CommandSpec = {
  name: 'clone',
  summary: 'Clone an existing pod',
  description: 'Creates a copy of a pod and of the containers in it; none of them runs without --start.',
  usage: 'clone [options] POD NAME',
  flags: [
    ...podFlags,
    { name: 'destroy', kind: 'boolean', help: 'Remove the original pod' },
    { name: 'name', short: 'n', kind: 'string', help: 'Assign a name to the new pod' },
    { name: 'start', kind: 'boolean', help: 'Start the new pod' },
  ],
  args: { min: 1, max: 2 },
  examples: ['lading pod clone mypod', 'lading pod clone --start --memory 1g mypod yourpod'],
  load: () => import('../commands/pod/clone.ts'),
};
