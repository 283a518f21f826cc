// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { imageFlags } from './image-flags.ts';
import { authFileFlag, registryFlags, retryFlags } from './registry-flags.ts';
import { certDirFlag } from './transport-flags.ts';

export const inspectSpec: CommandSpec = {
  name: 'inspect',
  summary: 'Inspect image IMAGE-NAME',
  description: `Return low-level information about "IMAGE-NAME" in a registry/transport

Supported transports:
containers-storage, dir, docker, docker-archive, docker-daemon, oci, oci-archive, tarball`,
  usage: 'inspect [command options] IMAGE-NAME',
  args: { min: 1, max: 1, tooFew: 'Exactly one argument expected' },
  flags: [
    ...imageFlags,
    { name: 'config', kind: 'boolean', help: 'Print the configuration' },
    { name: 'format', short: 'f', kind: 'string', help: 'Format the output to a Go template' },
    {
      name: 'manifest-digest',
      kind: 'string',
      placeholder: 'ALGORITHM',
      values: ['sha256', 'sha512'],
      help: "Compute the manifest's digest with ALGORITHM. Default: that of the config's digest",
    },
    { name: 'no-tags', short: 'n', kind: 'boolean', help: 'Do not list the tags of the repository' },
    { name: 'raw', kind: 'boolean', help: 'Print the manifest or configuration as it is' },
  ],
  examples: [
    'lading-copy inspect docker://registry.fedoraproject.org/fedora',
    'lading-copy inspect --config docker://docker.io/alpine',
    'lading-copy inspect --format "Name: {{.Name}} Digest: {{.Digest}}" docker://docker.io/alpine',
  ],
  load: () => import('../commands/inspect.ts'),
  complete: () => import('../complete-image.ts'),
};

export const listTagsSpec: CommandSpec = {
  name: 'list-tags',
  summary: 'List tags in the transport/repository specified by the SOURCE-IMAGE',
  description: `Return the list of tags from the transport/repository "SOURCE-IMAGE"

Supported transports:
docker, docker-archive`,
  usage: 'list-tags [command options] SOURCE-IMAGE',
  args: { min: 1, max: 1, tooFew: 'Exactly one non-option argument expected' },
  flags: [authFileFlag, ...registryFlags(''), certDirFlag(''), ...retryFlags],
  examples: ['lading-copy list-tags docker://docker.io/fedora'],
  load: () => import('../commands/list-tags.ts'),
  complete: () => import('../complete-image.ts'),
};

export const deleteSpec: CommandSpec = {
  name: 'delete',
  summary: 'Delete image IMAGE-NAME',
  description: `Delete an "IMAGE-NAME": from a registry its manifest, and with it every tag of the manifest; from an OCI
layout its entry, and the blobs that no other entry uses; from the local store the image with all its names

Supported transports:
containers-storage, docker, oci, tarball`,
  usage: 'delete [command options] IMAGE-NAME',
  args: { min: 1, max: 1, tooFew: 'Exactly one argument expected' },
  flags: imageFlags,
  examples: ['lading-copy delete docker://registry.example.com/example/pause:latest'],
  load: () => import('../commands/delete.ts'),
  complete: () => import('../complete-image.ts'),
};

export const manifestDigestSpec: CommandSpec = {
  name: 'manifest-digest',
  summary: 'Compute a manifest digest of a file',
  usage: 'manifest-digest MANIFEST-FILE',
  args: { min: 1, max: 1, tooFew: 'Usage: lading-copy manifest-digest manifest' },
  examples: ['lading-copy manifest-digest manifest.json'],
  load: () => import('../commands/manifest-digest.ts'),
};

export const layersSpec: CommandSpec = {
  name: 'layers',
  summary: 'Get layers of IMAGE-NAME',
  description:
    'Get layers of IMAGE-NAME in a new folder layers-…, with its configuration and manifest; deprecated, use copy',
  usage: 'layers [command options] IMAGE-NAME [LAYER...]',
  hidden: true,
  args: { min: 1, tooFew: 'Usage: layers imageReference [layer...]' },
  flags: imageFlags,
  load: () => import('../commands/layers.ts'),
  complete: () => import('../complete-image.ts'),
};
