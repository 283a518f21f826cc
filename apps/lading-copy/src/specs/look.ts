// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageFlags, platformFlag, sourceAndDestinationFlags } from './image-flags.ts';

export const diffSpec: CommandSpec = {
  name: 'diff',
  summary: 'List the files in which two images differ',
  description: `Print in which files the root file systems of two images differ, a line each: A was added, C was changed and how, D was removed. Times are not compared, since each build has its own.

Flags that begin with src- are for the first image, those with dest- for the second.

The exit code is 0 where nothing differs, 1 where something does, and 2 for trouble, as with diff(1).`,
  usage: 'diff [command options] IMAGE-NAME IMAGE-NAME',
  args: { min: 2, max: 2 },
  flags: [
    ...sourceAndDestinationFlags,
    platformFlag,
    { name: 'format', kind: 'string', default: 'text', help: 'text or json' },
    { name: 'times', kind: 'boolean', help: 'Compare the times of files too' },
  ],
  examples: ['lading-copy diff docker://registry.example.com/app:1 docker://registry.example.com/app:2'],
  load: () => import('../commands/diff.ts'),
  complete: () => import('../complete-image.ts'),
};

export const exportSpec: CommandSpec = {
  name: 'export',
  summary: 'Write the root file system of an image as a tar archive',
  description: `Write the files that a container of IMAGE-NAME sees to FILE, or to stdout (-), as one tar archive. Nothing is written before all layers are there and are the right ones.`,
  usage: 'export [command options] IMAGE-NAME [FILE]',
  args: { min: 1, max: 2 },
  flags: [...imageFlags, platformFlag],
  examples: [
    'lading-copy export docker://registry.example.com/app:1 rootfs.tar',
    'lading-copy export docker://registry.example.com/app:1 | tar -x -C rootfs',
  ],
  load: () => import('../commands/export.ts'),
  complete: () => import('../complete-image.ts'),
};

export const getFileSpec: CommandSpec = {
  name: 'get-file',
  summary: 'Print one file of an image, or write it to a file',
  description: `Write the file at PATH, as a container of IMAGE-NAME sees it, to FILE, or to stdout (-). Layers are read from the highest one down, and no further than to the one that has it. Links are followed.`,
  usage: 'get-file [command options] IMAGE-NAME PATH [FILE]',
  args: { min: 2, max: 3 },
  flags: [...imageFlags, platformFlag],
  examples: ['lading-copy get-file docker://registry.example.com/app:1 /etc/os-release'],
  load: () => import('../commands/get-file.ts'),
  complete: () => import('../complete-image.ts'),
};

export const validateSpec: CommandSpec = {
  name: 'validate',
  summary: 'Check that an image is whole and true to itself',
  description: `Read all of IMAGE-NAME, every image of a list, and check digests, sizes and diffIDs, that layers can be unpacked, and the configuration against the manifest and the list. Print each fault on a line, or without any the reference by digest.`,
  usage: 'validate [command options] IMAGE-NAME',
  args: { min: 1, max: 1 },
  flags: [...imageFlags, { name: 'fast', kind: 'boolean', help: 'Read no layers, only documents' }],
  examples: ['lading-copy validate docker://registry.example.com/app:1'],
  load: () => import('../commands/validate.ts'),
  complete: () => import('../complete-image.ts'),
};
