// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { imageFlags, platformFlag } from './image-flags.ts';

const artifactFlags: readonly FlagSpec[] = [
  {
    name: 'annotation',
    short: 'a',
    kind: 'strings',
    placeholder: 'KEY=VALUE',
    help: 'Annotate the manifest',
  },
  { name: 'artifact-type', kind: 'string', placeholder: 'TYPE', help: 'What kind of artifact it is' },
  {
    name: 'config',
    kind: 'string',
    placeholder: 'FILE[:TYPE]',
    help: 'The configuration. Default: the empty one',
  },
];

const files = 'FILE[:MEDIA-TYPE]';

export const artifactSpec: CommandSpec = {
  name: 'artifact',
  summary: 'Keep files in a registry or OCI layout, and get them back',
  usage: 'artifact COMMAND',
  subcommands: [
    {
      name: 'put',
      summary: 'Store files as an artifact',
      description: `Store files as an artifact, and print it by digest. A FILE is of the type application/octet-stream, unless one is given after a colon.

Supported transports:
docker, oci`,
      usage: `put [command options] ARTIFACT-NAME ${files} [${files}...]`,
      args: { min: 2 },
      flags: [
        ...imageFlags,
        ...artifactFlags,
        {
          name: 'subject',
          kind: 'string',
          placeholder: 'TAG-OR-DIGEST',
          help: 'The image in the same repository that the artifact says something about',
        },
      ],
      examples: [
        'lading-copy artifact put --artifact-type application/x.notes docker://registry.example.com/notes:1 notes.md:text/markdown',
      ],
      load: async () => ({ run: (await import('../commands/artifact-put.ts')).putArtifact }),
    },
    {
      name: 'get',
      summary: 'Print the file of an artifact, or write its files into a folder',
      usage: 'get [command options] ARTIFACT-NAME',
      args: { min: 1, max: 1 },
      flags: [
        ...imageFlags,
        { name: 'media-type', kind: 'strings', placeholder: 'TYPE', help: 'Only files of this TYPE' },
        {
          name: 'output',
          short: 'o',
          kind: 'string',
          placeholder: 'DIR',
          help: 'Write files into DIR. Default: stdout',
        },
        { name: 'overwrite', kind: 'boolean', help: 'Replace files that are in DIR already' },
      ],
      examples: ['lading-copy artifact get --output . docker://registry.example.com/notes:1'],
      load: () => import('../commands/artifact-get.ts'),
      complete: () => import('../complete-image.ts'),
    },
  ],
};

export const attachSpec: CommandSpec = {
  name: 'attach',
  summary: 'Attach files to an image, as what refers to it',
  description: `Store files as an artifact whose subject is IMAGE-NAME, in its repository, and print the artifact by digest. 'referrers' lists it.

Supported transports:
docker, oci`,
  usage: `attach [command options] --artifact-type TYPE IMAGE-NAME ${files} [${files}...]`,
  args: { min: 1 },
  flags: [...imageFlags, ...artifactFlags, platformFlag],
  examples: [
    'lading-copy attach --artifact-type application/spdx+json docker://registry.example.com/app:1 sbom.json:application/spdx+json',
  ],
  load: async () => ({ run: (await import('../commands/artifact-put.ts')).attach }),
};
