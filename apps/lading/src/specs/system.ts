// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { inspectFlags } from './inspect-flags.ts';

const format = {
  name: 'format',
  short: 'f',
  kind: 'string',
  help: 'Change the output format to JSON or a Go template',
} as const;

/** Commands that are neither of containers nor of images. */
export const systemCommands: readonly CommandSpec[] = [
  {
    name: 'info',
    summary: 'Display lading system information',
    description: 'Display information about the host, the store and the versions of the parts.',
    usage: 'info [options]',
    flags: [format],
    examples: ['lading info', 'lading info --format "{{.Store.GraphRoot}}"'],
    load: () => import('../commands/info.ts'),
  },
  {
    name: 'inspect',
    summary: 'Display the configuration of object denoted by ID',
    description: 'Displays the low-level information on a container or an image.',
    usage: 'inspect [options] {CONTAINER|IMAGE} [...]',
    flags: [
      ...inspectFlags,
      {
        name: 'type',
        short: 't',
        kind: 'string',
        default: 'all',
        help: 'Specify inspect-object type ("image"|"container"|"all")',
      },
    ],
    args: { min: 1, tooFew: 'no names or ids specified' },
    examples: ['lading inspect alpine', 'lading inspect --format "{{.State.Status}}" web'],
    load: () => import('../commands/inspect.ts'),
  },
  {
    name: 'version',
    summary: 'Display the Lading version information',
    usage: 'version [options]',
    flags: [format],
    examples: ['lading version', 'lading version --format "{{.Client.Version}}"'],
    load: () => import('../commands/version.ts'),
  },
];
