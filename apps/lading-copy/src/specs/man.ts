// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

export const manSpec: CommandSpec = {
  name: 'man',
  summary: 'Write the manual pages to a folder',
  description:
    'Write a page for man(1) about the program and each of its commands to FOLDER, and print their names.',
  usage: 'man FOLDER',
  args: { min: 1, max: 1 },
  examples: ['lading-copy man ~/.local/share/man/man1'],
  load: () => import('../commands/man.ts'),
};
