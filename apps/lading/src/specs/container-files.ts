// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

export const diff: CommandSpec = {
  name: 'diff',
  summary: "Inspect changes to the container's file systems",
  description: 'Shows what a container has changed of its image: A for added, C for changed, D for deleted.',
  usage: 'diff [options] CONTAINER',
  flags: [{ name: 'format', kind: 'string', help: 'Change the output format (json)' }],
  args: { min: 1, max: 1 },
  examples: ['lading diff ctrID', 'lading diff --format json ctrID'],
  load: () => import('../commands/diff.ts'),
};

export const mount: CommandSpec = {
  name: 'mount',
  summary: "Mount a working container's root filesystem",
  description:
    'Mounts the root file systems of containers and prints where; without one, lists those that are mounted.',
  usage: 'mount [options] [CONTAINER...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Mount all containers' },
    { name: 'format', kind: 'string', help: 'Print the mounted containers in specified format (json)' },
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate output' },
  ],
  args: { min: 0 },
  examples: ['lading mount', 'lading mount ctrID'],
  load: () => import('../commands/mount.ts'),
};

export const unmount: CommandSpec = {
  name: 'unmount',
  aliases: ['umount'],
  summary: "Unmounts working container's root filesystem",
  usage: 'unmount [options] [CONTAINER...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Unmount all of the currently mounted containers' },
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Force the complete unmount of the specified mounted containers',
    },
  ],
  args: { min: 0 },
  examples: ['lading unmount ctrID', 'lading unmount --all'],
  load: () => import('../commands/unmount.ts'),
};
