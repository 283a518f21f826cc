// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

/** `--all`, which each command says in its own words. */
export const all = (help: string): FlagSpec => ({ name: 'all', short: 'a', kind: 'boolean', help });

export const ignore: FlagSpec = {
  name: 'ignore',
  short: 'i',
  kind: 'boolean',
  help: 'Ignore errors when a specified container is missing',
};

export const time = (help: string): FlagSpec => ({
  name: 'time',
  aliases: ['timeout'],
  short: 't',
  kind: 'uint',
  default: 10,
  help,
});
