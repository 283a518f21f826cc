// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import { pruneKeys } from './filter-keys.ts';

/** Flags of every `prune`. */
export const pruneFlags: readonly FlagSpec[] = [
  {
    name: 'filter',
    values: pruneKeys,
    kind: 'strings',
    help: "Provide filter values (e.g. 'label=<key>=<value>')",
  },
  {
    name: 'force',
    short: 'f',
    kind: 'boolean',
    help: 'Do not prompt for confirmation.  The default is false',
  },
];
