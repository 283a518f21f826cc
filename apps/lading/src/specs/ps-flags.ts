// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import { sortOrders } from '../output/sort-orders.ts';

/** What `ps` shows beside the usual columns, and in which order. */
export const psFlags: readonly FlagSpec[] = [
  {
    name: 'external',
    kind: 'boolean',
    help: 'Show containers in storage that lading has not made, too',
  },
  { name: 'ns', kind: 'boolean', help: 'Display namespace information' },
  {
    name: 'pod',
    short: 'p',
    kind: 'boolean',
    help: 'Print the ID and name of the pod the containers are associated with',
  },
  { name: 'size', short: 's', kind: 'boolean', help: 'Display the total file sizes' },
  {
    name: 'sort',
    kind: 'string',
    default: 'created',
    placeholder: 'choice',
    help: `Sort output by: ${sortOrders.join(', ')}`,
    values: sortOrders,
  },
  {
    name: 'sync',
    kind: 'boolean',
    help: 'Sync container state with OCI runtime; it always is here, so that this changes nothing',
  },
  { name: 'watch', short: 'w', kind: 'uint', help: 'Watch the ps output on an interval in seconds' },
];
