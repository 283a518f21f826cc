// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

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
