// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageFlags, madeImageFlags, platformFlag } from './image-flags.ts';

const annotationFlag = {
  name: 'annotation',
  short: 'a',
  kind: 'strings',
  placeholder: 'KEY=VALUE',
  help: 'Annotate the list',
} as const;
const platformsFlag = {
  ...platformFlag,
  kind: 'strings',
  help: 'Take only these platforms of images that are lists. Default: all',
} as const;

export const indexSpec: CommandSpec = {
  name: 'index',
  summary: 'Make and edit lists of images for several platforms',
  usage: 'index COMMAND',
  subcommands: [
    {
      name: 'create',
      summary: 'Make a list of images, which are copied where they are not there',
      usage: 'create [command options] DESTINATION-IMAGE IMAGE-NAME [IMAGE-NAME...]',
      args: { min: 1 },
      flags: [
        ...madeImageFlags,
        annotationFlag,
        platformsFlag,
        {
          name: 'artifact-type',
          kind: 'string',
          placeholder: 'TYPE',
          help: 'What kind of artifact the list is of',
        },
        {
          name: 'format',
          short: 'f',
          kind: 'string',
          placeholder: 'TYPE',
          default: 'oci',
          help: 'oci or v2s2',
        },
      ],
      examples: [
        'lading-copy index create docker://registry.example.com/app:1 docker://registry.example.com/app:1-amd64 oci:build:arm64',
      ],
      load: async () => ({ run: (await import('../commands/index-lists.ts')).createList }),
    },
    {
      name: 'add',
      summary: 'Add images to a list; one for the same platform takes the place of the old one',
      usage: 'add [command options] LIST-NAME IMAGE-NAME [IMAGE-NAME...]',
      args: { min: 2 },
      flags: [...madeImageFlags, annotationFlag, platformsFlag],
      load: async () => ({ run: (await import('../commands/index-lists.ts')).addToList }),
    },
    {
      name: 'remove',
      summary: 'Take images out of a list, by digest or platform',
      usage: 'remove [command options] LIST-NAME DIGEST-OR-PLATFORM [DIGEST-OR-PLATFORM...]',
      args: { min: 2 },
      flags: madeImageFlags,
      examples: ['lading-copy index remove docker://registry.example.com/app:1 linux/s390x'],
      load: async () => ({ run: (await import('../commands/index-lists.ts')).removeFromList }),
    },
    {
      name: 'list',
      summary: 'List the images of a list',
      usage: 'list [command options] LIST-NAME',
      args: { min: 1, max: 1 },
      flags: [
        ...imageFlags,
        {
          name: 'format',
          kind: 'string',
          default: 'table {{.Platform}}\t{{.MediaType}}\t{{.Size}}\t{{.Digest}}',
          help: 'json, or a Go template for each image: {{.Platform}} {{.Digest}}',
        },
      ],
      load: async () => ({ run: (await import('../commands/index-lists.ts')).showList }),
    },
  ],
};
