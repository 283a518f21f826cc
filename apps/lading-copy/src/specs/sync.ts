// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { authFileFlag, registryFlags, retryFlags } from './registry-flags.ts';
import { signingFlags } from './signing-flags.ts';
import { certDirFlag, rateFlag } from './transport-flags.ts';

export const syncSpec: CommandSpec = {
  name: 'sync',
  summary: 'Synchronize one or more images from one location to another',
  description: `Copy all the images from a SOURCE to a DESTINATION; what the DESTINATION has already is not copied again.

Allowed SOURCE transports (specified with --src): docker, dir, yaml.
Allowed DESTINATION transports (specified with --dest): docker, dir.`,
  usage: 'sync [command options] --src TRANSPORT --dest TRANSPORT SOURCE DESTINATION',
  args: { min: 2, max: 2, tooFew: 'Exactly two arguments expected' },
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Copy all images if SOURCE-IMAGE is a list' },
    { name: 'append-suffix', kind: 'string', help: 'String to append to DESTINATION tags' },
    authFileFlag,
    ...registryFlags('src-'),
    certDirFlag('src-'),
    ...registryFlags('dest-'),
    certDirFlag('dest-'),
    {
      name: 'dest',
      short: 'd',
      kind: 'string',
      placeholder: 'TRANSPORT',
      help: 'DESTINATION transport type',
    },
    {
      name: 'digestfile',
      kind: 'string',
      placeholder: 'FILE',
      help: 'Write the digests and names of the resulting images to FILE, a line each',
    },
    { name: 'dry-run', kind: 'boolean', help: 'Run without actually copying data' },
    {
      name: 'format',
      short: 'f',
      kind: 'string',
      placeholder: 'TYPE',
      help: "Manifest TYPE (oci or v2s2) at the destination. Default: the source's, if the destination takes it",
    },
    { name: 'keep-going', kind: 'boolean', help: 'Do not abort the sync if any image copy fails' },
    rateFlag,
    { name: 'preserve-digests', kind: 'boolean', help: 'Preserve digests of images and lists' },
    ...retryFlags,
    ...signingFlags,
    {
      name: 'scoped',
      kind: 'boolean',
      help: 'Prefix images at DESTINATION with the full source image path',
    },
    { name: 'src', short: 's', kind: 'string', placeholder: 'TRANSPORT', help: 'SOURCE transport type' },
  ],
  examples: [
    'lading-copy sync --src docker --dest dir --scoped registry.example.com/busybox /media/usb',
    'lading-copy sync --src yaml --dest docker sync.yml registry.example.com/mirror',
  ],
  load: () => import('../commands/sync.ts'),
};
