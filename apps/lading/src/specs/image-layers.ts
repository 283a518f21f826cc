// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

export const history: CommandSpec = {
  name: 'history',
  summary: 'Show history of a specified image',
  description: 'Displays the history of an image, the last step first.',
  usage: 'history [options] IMAGE',
  flags: [
    { name: 'format', kind: 'string', help: 'Change the output to JSON or a Go template' },
    {
      name: 'human',
      short: 'H',
      kind: 'boolean',
      default: true,
      help: 'Display sizes and dates in human readable format',
    },
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate the output' },
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Display the numeric IDs only' },
  ],
  args: { min: 1, max: 1 },
  examples: ['lading history quay.io/fedora/fedora'],
  load: () => import('../commands/history.ts'),
};

export const tree: CommandSpec = {
  name: 'tree',
  summary: 'Prints layer hierarchy of an image in a tree format',
  usage: 'tree [options] IMAGE',
  flags: [
    {
      name: 'whatrequires',
      kind: 'boolean',
      help: 'Show all child images and layers of the specified image',
    },
  ],
  args: { min: 1, max: 1 },
  examples: ['lading image tree alpine:latest'],
  load: () => import('../commands/image-tree.ts'),
};

export const mount: CommandSpec = {
  name: 'mount',
  summary: "Mount an image's root filesystem",
  description:
    'Mounts the root file systems of images for reading and prints where; without one, lists those that are mounted.',
  usage: 'mount [options] [IMAGE...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Mount all images' },
    { name: 'format', kind: 'string', help: 'Print the mounted images in specified format (json)' },
  ],
  args: { min: 0 },
  examples: ['lading image mount imgID1 imgID2', 'lading image mount', 'lading image mount --all'],
  load: () => import('../commands/image-mount.ts'),
};

export const unmount: CommandSpec = {
  name: 'unmount',
  aliases: ['umount'],
  summary: "Unmount an image's root filesystem",
  description:
    'Undoes one mount of each image, which stays mounted until as many were undone as were made; --force undoes all.',
  usage: 'unmount [options] IMAGE [IMAGE...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Unmount all of the currently mounted images' },
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Force the complete unmount of the specified mounted images',
    },
  ],
  args: { min: 0 },
  examples: ['lading image unmount imgID', 'lading image unmount --all'],
  load: async () => ({ run: (await import('../commands/image-mount.ts')).runUnmount }),
};
