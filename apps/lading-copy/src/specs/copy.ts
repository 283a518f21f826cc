// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { authFileFlag, registryFlags, retryFlags } from './registry-flags.ts';
import { signingFlags } from './signing-flags.ts';
import { encryptionFlags, layerFlags, rateFlag, transportFlags } from './transport-flags.ts';

export const copySpec: CommandSpec = {
  name: 'copy',
  summary: 'Copy an IMAGE-NAME from one location to another',
  description: `Container "IMAGE-NAME" uses a "transport":"details" format.

Supported transports:
containers-storage, dir, docker, docker-archive, docker-daemon, oci, oci-archive, tarball`,
  usage: 'copy [command options] SOURCE-IMAGE DESTINATION-IMAGE',
  args: { min: 2, max: 2, tooFew: 'Exactly two arguments expected' },
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Copy all images if SOURCE-IMAGE is a list' },
    authFileFlag,
    ...registryFlags('src-'),
    ...transportFlags('src-'),
    ...registryFlags('dest-'),
    ...transportFlags('dest-'),
    ...layerFlags,
    ...encryptionFlags,
    {
      name: 'digestfile',
      kind: 'string',
      completes: 'file',
      placeholder: 'FILE',
      help: 'Write the digest of the copied image to FILE',
    },
    {
      name: 'format',
      short: 'f',
      kind: 'string',
      placeholder: 'TYPE',
      values: ['oci', 'v2s1', 'v2s2'],
      help: "Manifest TYPE (oci, v2s1, or v2s2) in the destination. Default: the source's, if the destination takes it",
    },
    {
      name: 'image-parallel-copies',
      kind: 'uint',
      default: 0,
      help: 'Maximum number of layers copied at a time. Default: 6',
    },
    rateFlag,
    {
      name: 'multi-arch',
      kind: 'string',
      placeholder: 'OPTION',
      values: ['system', 'all', 'index-only'],
      help: 'Which images of a list to copy: system, all, or index-only',
    },
    { name: 'preserve-digests', kind: 'boolean', help: 'Preserve digests of images and lists' },
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Write nothing while copying' },
    {
      name: 'referrers',
      kind: 'string',
      placeholder: 'DEPTH',
      optionalValue: 'all',
      help: 'Copy what refers to the image too, to this DEPTH, and the tags that cosign makes of its digest; digests are preserved (docker: and oci: only)',
    },
    ...retryFlags,
    ...signingFlags,
  ],
  examples: [
    'lading-copy copy docker://quay.io/skopeo/stable:latest oci:skopeo:latest',
    'lading-copy copy --all docker://alpine:3 docker://registry.example.com/alpine:3',
  ],
  load: () => import('../commands/copy.ts'),
  complete: () => import('../complete-image.ts'),
};
