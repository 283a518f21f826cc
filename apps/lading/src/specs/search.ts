// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { certDirFlag, credentialFlag, registryFlags } from './registry-flags.ts';

export const search: CommandSpec = {
  name: 'search',
  summary: 'Search registry for image',
  description:
    'Looks for images at a registry, or without one at those of registries.conf. Registries that cannot search are asked for all their repositories.',
  usage: 'search [options] TERM',
  flags: [
    ...registryFlags.filter(({ name }) => name === 'authfile' || name === 'tls-verify'),
    certDirFlag,
    {
      name: 'compatible',
      kind: 'boolean',
      help: 'List stars, official and automated columns (Docker compatibility)',
    },
    credentialFlag,
    {
      name: 'filter',
      short: 'f',
      kind: 'stringSlice',
      help: 'Filter output based on conditions provided (is-automated, is-official, stars)',
      values: ['is-automated=', 'is-official=', 'stars='],
    },
    { name: 'format', kind: 'string', help: 'Change the output format to JSON or a Go template' },
    { name: 'limit', kind: 'int', help: 'Limit the number of results' },
    { name: 'list-tags', kind: 'boolean', help: 'List the tags of the input registry' },
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate the output' },
  ],
  args: { min: 1, max: 1 },
  examples: [
    'lading search --filter=is-official --limit 3 alpine',
    'lading search registry.fedoraproject.org/',
    'lading search --list-tags quay.io/podman/hello',
  ],
  load: () => import('../commands/search.ts'),
};
