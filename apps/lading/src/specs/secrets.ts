// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { secretKeys } from './filter-keys.ts';

/** `lading secret …`. */
export const secretGroup: CommandSpec = {
  name: 'secret',
  summary: 'Manage secrets',
  description:
    'Manage secrets: data that containers are given with --secret, and that is in no image and no output',
  usage: 'secret [command]',
  subcommands: [
    {
      name: 'create',
      summary: 'Create a new secret',
      description:
        'Create a secret. Input can be a path to a file or "-" (read from stdin). The driver is file (unencrypted).',
      usage: 'create [options] NAME FILE|-',
      flags: [
        { name: 'driver', short: 'd', kind: 'string', default: 'file', help: 'Specify secret driver' },
        {
          name: 'driver-opts',
          kind: 'strings',
          help: 'Specify driver specific options; the driver file has none',
        },
        { name: 'env', kind: 'boolean', help: 'Read secret data from environment variable' },
        { name: 'ignore', kind: 'boolean', help: "Don't fail if a secret with this name already exists" },
        { name: 'label', short: 'l', kind: 'strings', help: 'Specify labels on the secret' },
        {
          name: 'replace',
          kind: 'boolean',
          help: 'If a secret with the same name exists, replace it',
        },
      ],
      args: { min: 2, max: 2 },
      examples: [
        'lading secret create mysecret /path/to/secret',
        'printf "secretdata" | lading secret create mysecret -',
      ],
      load: () => import('../commands/secret/create.ts'),
    },
    {
      name: 'exists',
      summary: 'Check if a secret exists in local storage',
      description: 'If the named secret exists in local storage, exit with 0, otherwise exit with 1.',
      usage: 'exists SECRET',
      args: { min: 1, max: 1 },
      examples: ['lading secret exists mysecret'],
      load: () => import('../commands/secret/exists.ts'),
    },
    {
      name: 'inspect',
      summary: 'Inspect a secret',
      description: 'Display detail information on one or more secrets',
      usage: 'inspect [options] SECRET [SECRET...]',
      flags: [
        { name: 'format', short: 'f', kind: 'string', help: 'Format inspect output using Go template' },
        { name: 'pretty', kind: 'boolean', help: 'Print inspect output in human-readable format' },
        { name: 'showsecret', kind: 'boolean', help: 'Display the secret' },
      ],
      args: { min: 1 },
      examples: ['lading secret inspect MYSECRET'],
      load: () => import('../commands/secret/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List secrets',
      usage: 'ls [options]',
      flags: [
        {
          name: 'filter',
          values: secretKeys,
          short: 'f',
          kind: 'strings',
          help: 'Filter secret output (id, name)',
        },
        { name: 'format', kind: 'string', help: 'Format secret output using Go template' },
        { name: 'noheading', short: 'n', kind: 'boolean', help: 'Do not print headers' },
        { name: 'quiet', short: 'q', kind: 'boolean', help: 'Print secret IDs only' },
      ],
      args: { min: 0, max: 0 },
      examples: ['lading secret ls'],
      load: () => import('../commands/secret/list.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove one or more secrets',
      description: 'Removes secrets; containers that were given one keep it.',
      usage: 'rm [options] SECRET [SECRET...]',
      flags: [
        { name: 'all', short: 'a', kind: 'boolean', help: 'Remove all secrets' },
        { name: 'ignore', short: 'i', kind: 'boolean', help: 'Ignore errors when a secret is missing' },
      ],
      args: { min: 0 },
      examples: ['lading secret rm mysecret1 mysecret2'],
      load: () => import('../commands/secret/rm.ts'),
    },
  ],
};
