// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { pruneFlags } from './prune-flags.ts';

/** `lading container prune`. */
export const containerPrune: CommandSpec = {
  name: 'prune',
  summary: 'Remove all non running containers',
  description: 'Removes all non running containers',
  usage: 'prune [options]',
  flags: pruneFlags,
  args: { min: 0, max: 0 },
  examples: ['lading container prune'],
  load: () => import('../commands/container-prune.ts'),
};
