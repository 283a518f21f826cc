// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageFlags, platformFlag } from './image-flags.ts';

export const tagSpec: CommandSpec = {
  name: 'tag',
  summary: 'Give an image further tags, without copying it',
  description:
    'Give the image or list IMAGE-NAME further tags in its repository. Supported transports: docker, oci',
  usage: 'tag [command options] IMAGE-NAME TAG [TAG...]',
  args: { min: 2 },
  flags: imageFlags,
  examples: ['lading-copy tag docker://registry.example.com/app:1.4.2 1.4 1 latest'],
  load: () => import('../commands/tag.ts'),
  subcommands: [
    {
      name: 'list',
      aliases: ['ls'],
      summary: 'Print the tags of a repository or OCI layout, a line each; list-tags prints JSON',
      usage: 'list [command options] IMAGE-NAME',
      args: { min: 1, max: 1 },
      flags: [
        ...imageFlags,
        {
          name: 'omit-digest-tags',
          kind: 'boolean',
          help: 'Leave out those that are made of digests, for signatures and other referrers',
        },
        {
          name: 'include',
          kind: 'strings',
          placeholder: 'REGEX',
          help: 'List only tags that are as this pattern says, from their first to their last character',
        },
        { name: 'exclude', kind: 'strings', placeholder: 'REGEX', help: 'Leave out tags that are' },
        {
          name: 'limit',
          kind: 'int',
          placeholder: 'N',
          help: 'List at most so many, the first by their bytes. Default: all',
        },
        {
          name: 'last',
          kind: 'string',
          placeholder: 'TAG',
          help: 'List what comes after this tag, by their bytes: the last one that --limit left',
        },
      ],
      examples: [
        "lading-copy tag list --include 'v1\\..*' --exclude '.*-rc.*' docker://registry.example.com/app",
      ],
      load: () => import('../commands/tag-list.ts'),
      complete: () => import('../complete-image.ts'),
    },
    {
      name: 'delete',
      aliases: ['rm', 'del'],
      summary: 'Take tags away, and keep what they name: untag under the name that regctl has for it',
      usage: 'delete [command options] IMAGE-NAME [IMAGE-NAME...]',
      args: { min: 1 },
      flags: imageFlags,
      load: () => import('../commands/untag.ts'),
      complete: () => import('../complete-image.ts'),
    },
  ],
  complete: () => import('../complete-image.ts'),
};

export const untagSpec: CommandSpec = {
  name: 'untag',
  summary: 'Take tags away, and keep what they name',
  description: `Take the tag of each IMAGE-NAME away. The manifest stays under its digest and its other tags, also where a registry deletes nothing but manifests.

Supported transports:
docker, oci`,
  usage: 'untag [command options] IMAGE-NAME [IMAGE-NAME...]',
  args: { min: 1 },
  flags: imageFlags,
  examples: ['lading-copy untag docker://registry.example.com/app:old'],
  load: () => import('../commands/untag.ts'),
  complete: () => import('../complete-image.ts'),
};

export const catalogSpec: CommandSpec = {
  name: 'catalog',
  summary: 'List the repositories of a registry',
  description:
    'Print the names of the repositories of REGISTRY, a line each. Many hosted registries do not tell them',
  usage: 'catalog [command options] REGISTRY',
  args: { min: 1, max: 1 },
  flags: imageFlags,
  examples: ['lading-copy catalog registry.example.com'],
  load: () => import('../commands/catalog.ts'),
};

export const ratelimitSpec: CommandSpec = {
  name: 'ratelimit',
  summary: 'Print how many more requests a registry takes',
  description: `Print what the registry of IMAGE-NAME says of its limits: Limit requests in a window, of which Remain are left, Reset seconds until the next one, and its Policies, such as 100;w=21600 for a hundred in six hours. Set is false where it says nothing. The question itself is not counted by registries that count pulls.`,
  usage: 'ratelimit [command options] IMAGE-NAME',
  args: { min: 1, max: 1 },
  flags: [
    ...imageFlags,
    { name: 'format', short: 'f', kind: 'string', help: 'Format the output to a Go template' },
  ],
  examples: [
    'lading-copy ratelimit docker://alpine',
    "lading-copy ratelimit --format '{{.Remain}}' docker://alpine",
  ],
  load: () => import('../commands/ratelimit.ts'),
  complete: () => import('../complete-image.ts'),
};

export const resolveSpec: CommandSpec = {
  name: 'resolve',
  summary: 'Print what a tag stands for now, by digest',
  usage: 'resolve [command options] IMAGE-NAME',
  args: { min: 1, max: 1 },
  flags: [...imageFlags, platformFlag],
  examples: [
    'lading-copy resolve docker://registry.example.com/app:1',
    'lading-copy resolve --platform linux/arm64 oci:images:app',
  ],
  load: () => import('../commands/resolve.ts'),
  complete: () => import('../complete-image.ts'),
};
