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
