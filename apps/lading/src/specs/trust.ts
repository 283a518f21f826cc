// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';

const policyPath: FlagSpec = {
  name: 'policypath',
  kind: 'string',
  completes: 'file',
  hidden: true,
  help: 'Path of the policy in place of that of the machine',
};

/** Which images are let in: `lading image trust`. */
export const trustGroup: CommandSpec = {
  name: 'trust',
  summary: 'Manage container image trust policy',
  description:
    'Manages which registries you trust as a source of container images based on their location: policy.json.',
  usage: 'trust [command]',
  subcommands: [
    {
      name: 'set',
      summary: 'Set default trust policy or a new trust policy for a registry',
      description:
        'Sets what images of a registry, or of a part of it, must fulfil; of all others with the name default.',
      usage: 'set [options] REGISTRY',
      flags: [
        policyPath,
        {
          name: 'pubkeysfile',
          short: 'f',
          kind: 'stringSlice',
          completes: 'file',
          help: 'Path of an installed public key to trust for REGISTRY. Absolute path is added to policy.json. May be used multiple times: then each key must have signed',
        },
        {
          name: 'type',
          short: 't',
          kind: 'string',
          default: 'signedBy',
          values: ['accept', 'reject', 'signedBy', 'sigstoreSigned'],
          help: 'Trust type, accept values: signedBy(default), sigstoreSigned, accept, reject',
        },
      ],
      args: { min: 1, max: 1 },
      examples: [
        'lading image trust set --type reject docker.io',
        'lading image trust set --pubkeysfile /etc/pki/app.gpg registry.example.com/app',
      ],
      load: () => import('../commands/trust/set.ts'),
    },
    {
      name: 'show',
      summary: 'Display trust policy for the system',
      usage: 'show [options] [REGISTRY]',
      flags: [
        { name: 'json', short: 'j', kind: 'boolean', help: 'Output as json' },
        { name: 'noheading', short: 'n', kind: 'boolean', help: 'Do not print column headings' },
        policyPath,
        { name: 'raw', kind: 'boolean', help: 'Output raw policy file' },
        {
          name: 'registrypath',
          kind: 'string',
          completes: 'folder',
          hidden: true,
          help: 'Path of a folder in place of registries.d',
        },
      ],
      args: { min: 0, max: 1 },
      examples: ['lading image trust show', 'lading image trust show --raw'],
      load: () => import('../commands/trust/show.ts'),
    },
  ],
};
