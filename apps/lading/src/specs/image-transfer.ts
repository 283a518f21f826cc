// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { certDirFlag, contentTrustFlag, policyFlag, registryFlags, retryFlags } from './registry-flags.ts';
import { signingFlags } from './signing-flags.ts';

const quiet = { name: 'quiet', short: 'q', kind: 'boolean', help: 'Suppress the output' } as const;

export const push: CommandSpec = {
  name: 'push',
  summary: 'Push an image to a specified destination',
  description:
    'Pushes a source image to a specified destination: a name at a registry, or TRANSPORT:DETAILS such as oci-archive:FILE.',
  usage: 'push [options] IMAGE [DESTINATION]',
  flags: [
    ...registryFlags.filter(({ name }) => name === 'authfile' || name === 'tls-verify'),
    ...retryFlags,
    certDirFlag,
    contentTrustFlag,
    ...signingFlags,
    policyFlag,
    {
      name: 'compress',
      kind: 'boolean',
      help: "Compress image layers when pushing to a directory using the 'dir' transport",
    },
    { name: 'compression-format', kind: 'string', help: 'compression format to use' },
    { name: 'compression-level', kind: 'int', help: 'compression level to use' },
    {
      name: 'creds',
      kind: 'string',
      placeholder: 'Credentials',
      help: 'Credentials (USERNAME:PASSWORD) to use for authenticating to a registry',
    },
    {
      name: 'digestfile',
      kind: 'string',
      completes: 'file',
      help: 'Write the digest of the pushed image to the specified file',
    },
    {
      name: 'encrypt-layer',
      kind: 'stringSlice',
      placeholder: 'ints',
      help: 'Layers to encrypt: 0 is the first, -1 the last. Default: all',
    },
    {
      name: 'encryption-key',
      kind: 'stringSlice',
      help: 'Key with the encryption protocol to use to encrypt the image (e.g. jwe:/path/to/key.pem)',
    },
    {
      name: 'format',
      short: 'f',
      kind: 'string',
      help: 'Manifest type (oci, v2s2, or v2s1) to use in the destination (default is manifest type of source, with fallbacks)',
    },
    { ...quiet, help: 'Suppress output information when pushing images' },
    {
      name: 'remove-signatures',
      kind: 'boolean',
      help: 'Discard any pre-existing signatures in the image',
    },
  ],
  args: { min: 1, max: 2 },
  examples: [
    'lading push imageID docker://registry.example.com/repository:tag',
    'lading push imageID oci-archive:/path/to/layout:image:tag',
  ],
  load: () => import('../commands/push.ts'),
};

export const save: CommandSpec = {
  name: 'save',
  summary: 'Save image(s) to an archive',
  description:
    'Saves an image to docker-archive or oci-archive on the local machine. Default is docker-archive.',
  usage: 'save [options] IMAGE [IMAGE...]',
  flags: [
    {
      name: 'compress',
      kind: 'boolean',
      help: "Compress image layers when saving to a directory using the 'dir' transport",
    },
    {
      name: 'format',
      kind: 'string',
      default: 'docker-archive',
      help: 'Save image to oci-archive, oci-dir (directory with oci manifest type), docker-archive, docker-dir (directory with v2s2 manifest type)',
    },
    {
      name: 'multi-image-archive',
      short: 'm',
      kind: 'boolean',
      help: 'Interpret additional arguments as images not tags and create a multi-image-archive (only for docker-archive)',
    },
    {
      name: 'output',
      short: 'o',
      kind: 'string',
      completes: 'file',
      help: 'Write to a specified file (default: stdout, which must be redirected)',
    },
    quiet,
    { name: 'uncompressed', kind: 'boolean', help: 'Accept uncompressed layers when copying OCI images' },
  ],
  args: { min: 1 },
  examples: [
    'lading save --quiet -o myimage.tar imageID',
    'lading save --format docker-dir -o ubuntu-dir ubuntu',
    'lading save > alpine-all.tar alpine:latest',
  ],
  load: () => import('../commands/save.ts'),
};

export const load: CommandSpec = {
  name: 'load',
  summary: 'Load image(s) from a tar archive',
  description: 'Loads an image from a locally stored archive (tar file) into container storage.',
  usage: 'load [options]',
  flags: [
    {
      name: 'input',
      short: 'i',
      kind: 'string',
      completes: 'file',
      help: 'Read from specified archive file (default: stdin)',
    },
    quiet,
    policyFlag,
  ],
  args: { min: 0, max: 0 },
  examples: ['lading load < fedora.tar', 'lading load -q -i fedora.tar'],
  load: () => import('../commands/load.ts'),
};
