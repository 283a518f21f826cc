// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import { containerKeys } from './filter-keys.ts';

export const latestFlag: FlagSpec = {
  name: 'latest',
  short: 'l',
  kind: 'boolean',
  help: 'Act on the container created last',
};

export const cidFileFlag: FlagSpec = {
  name: 'cidfile',
  kind: 'strings',
  help: 'Read the container ID from the file',
};

/** Ways to say which containers are meant, beside names and `--all`. */
export const selectFlags: readonly FlagSpec[] = [
  latestFlag,
  cidFileFlag,
  {
    name: 'filter',
    values: containerKeys,
    short: 'f',
    kind: 'stringSlice',
    help: 'Filter output based on conditions given',
  },
];
