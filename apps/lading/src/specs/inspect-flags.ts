// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** What containers have beside those. */
export const containerInspectFlags: readonly FlagSpec[] = [
  { name: 'latest', short: 'l', kind: 'boolean', help: 'Act on the container created last' },
  { name: 'size', short: 's', kind: 'boolean', help: 'Display total file size' },
];

/** Of every inspect command. */
export const inspectFlags: readonly FlagSpec[] = [
  {
    name: 'format',
    short: 'f',
    kind: 'string',
    default: 'json',
    help: 'Format the output to a Go template or json',
  },
];
