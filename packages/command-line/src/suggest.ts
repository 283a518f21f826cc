// SPDX-License-Identifier: Apache-2.0
import { isNear } from '@lading/go-template';
import type { CommandSpec } from './spec.ts';

/** Names of visible commands that the word may have meant: two edits away at most, or starting with it. */
export function suggestCommands(commands: readonly CommandSpec[], word: string): string[] {
  const typed = word.toLowerCase();
  return commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(typed) || isNear(typed, name));
}
