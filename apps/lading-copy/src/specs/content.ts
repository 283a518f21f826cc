// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { imageFlags, platformFlag, sourceAndDestinationFlags } from './image-flags.ts';

const mediaTypeFlag: FlagSpec = {
  name: 'media-type',
  kind: 'string',
  placeholder: 'TYPE',
  help: 'The media type. Default: as the document says',
};

const blobUsage = 'IMAGE-NAME DIGEST';

export const blobSpec: CommandSpec = {
  name: 'blob',
  summary: 'Read, write, copy and delete blobs',
  usage: 'blob COMMAND',
  subcommands: [
    {
      name: 'get',
      summary: 'Print a blob: any of a repository or OCI layout, or one that an image lists',
      usage: `get [command options] ${blobUsage}`,
      args: { min: 2, max: 2 },
      flags: imageFlags,
      examples: ['lading-copy blob get docker://registry.example.com/app sha256:… > layer.tar.gz'],
      load: async () => ({ run: (await import('../commands/blob.ts')).getBlob }),
    },
    {
      name: 'put',
      summary: 'Store a file, or stdin, as a blob, and print its digest',
      usage: 'put [command options] IMAGE-NAME [FILE]',
      args: { min: 1, max: 2 },
      flags: imageFlags,
      examples: ['lading-copy blob put oci:images config.json'],
      load: async () => ({ run: (await import('../commands/blob.ts')).putBlob }),
    },
    {
      name: 'head',
      summary: 'Print digest and size of a blob as JSON; fails where it is not there',
      usage: `head [command options] ${blobUsage}`,
      args: { min: 2, max: 2 },
      flags: imageFlags,
      load: async () => ({ run: (await import('../commands/blob.ts')).headBlob }),
    },
    {
      name: 'copy',
      summary: 'Copy a blob to another repository or OCI layout, and print its digest',
      usage: 'copy [command options] SOURCE-IMAGE DESTINATION-IMAGE DIGEST',
      args: { min: 3, max: 3 },
      flags: sourceAndDestinationFlags,
      load: async () => ({ run: (await import('../commands/blob.ts')).copyBlob }),
    },
    {
      name: 'delete',
      summary: 'Delete a blob, where the registry lets it be deleted',
      usage: `delete [command options] ${blobUsage}`,
      args: { min: 2, max: 2 },
      flags: imageFlags,
      load: async () => ({ run: (await import('../commands/blob.ts')).deleteBlob }),
    },
  ],
};

export const manifestSpec: CommandSpec = {
  name: 'manifest',
  summary: 'Read, write, compare and delete manifests',
  usage: 'manifest COMMAND',
  subcommands: [
    {
      name: 'get',
      summary: 'Print a manifest or list as it is',
      usage: 'get [command options] IMAGE-NAME',
      args: { min: 1, max: 1 },
      flags: [...imageFlags, platformFlag],
      load: async () => ({ run: (await import('../commands/manifest.ts')).getManifest }),
    },
    {
      name: 'put',
      summary: 'Store a manifest from a file, or from stdin, under a tag or its digest',
      usage: 'put [command options] IMAGE-NAME [FILE]',
      args: { min: 1, max: 2 },
      flags: [...imageFlags, mediaTypeFlag],
      load: async () => ({ run: (await import('../commands/manifest.ts')).putManifest }),
    },
    {
      name: 'head',
      summary: 'Print media type, digest and size of a manifest as JSON',
      usage: 'head [command options] IMAGE-NAME',
      args: { min: 1, max: 1 },
      flags: [...imageFlags, platformFlag],
      load: async () => ({ run: (await import('../commands/manifest.ts')).headManifest }),
    },
    {
      name: 'delete',
      summary: 'Delete a manifest, and with it every tag of it; untag keeps it',
      usage: 'delete [command options] IMAGE-NAME',
      args: { min: 1, max: 1 },
      flags: imageFlags,
      load: async () => ({ run: (await import('../commands/manifest.ts')).deleteManifest }),
    },
    {
      name: 'diff',
      summary: 'Print the lines in which two manifests differ; nothing where they are the same',
      usage: 'diff [command options] IMAGE-NAME IMAGE-NAME',
      args: { min: 2, max: 2 },
      flags: [
        ...imageFlags,
        platformFlag,
        {
          name: 'context',
          kind: 'int',
          default: 3,
          help: 'Lines that are the same around those that differ',
        },
      ],
      load: async () => ({ run: (await import('../commands/manifest.ts')).diffManifests }),
    },
  ],
};

export const configSpec: CommandSpec = {
  name: 'config',
  summary: 'Read the configuration of an image',
  usage: 'config COMMAND',
  subcommands: [
    {
      name: 'get',
      summary: 'Print the configuration as it is, of an artifact too',
      usage: 'get [command options] IMAGE-NAME',
      args: { min: 1, max: 1 },
      flags: [...imageFlags, platformFlag],
      load: () => import('../commands/config.ts'),
      complete: () => import('../complete-image.ts'),
    },
  ],
};
