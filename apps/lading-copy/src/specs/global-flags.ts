// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

export const globalFlags: readonly FlagSpec[] = [
  { name: 'command-timeout', kind: 'duration', help: 'Time after which the command is ended' },
  {
    name: 'insecure-policy',
    kind: 'boolean',
    help: 'Copy whatever the trust policy says',
  },
  {
    name: 'override-arch',
    kind: 'string',
    placeholder: 'ARCH',
    help: 'Use ARCH instead of the architecture of the machine for choosing images',
  },
  {
    name: 'override-os',
    kind: 'string',
    placeholder: 'OS',
    help: 'Use OS instead of the running OS for choosing images',
  },
  {
    name: 'override-variant',
    kind: 'string',
    placeholder: 'VARIANT',
    help: 'Use VARIANT instead of the running architecture variant for choosing images',
  },
  {
    name: 'policy',
    kind: 'string',
    placeholder: 'FILE',
    help: 'Use FILE instead of the usual policy.json (without any, nothing is checked)',
  },
  {
    name: 'require-signed',
    kind: 'boolean',
    help: 'Refuse images that the trust policy asks no signature for',
  },
  {
    name: 'registries.d',
    kind: 'string',
    placeholder: 'DIR',
    help: 'Use DIR instead of the usual registries.d folder, which says where signatures are',
  },
  {
    name: 'registries-conf',
    kind: 'string',
    placeholder: 'FILE',
    help: 'Use FILE instead of the usual registries.conf and its drop-ins',
  },
];
