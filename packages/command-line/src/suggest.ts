// SPDX-License-Identifier: Apache-2.0
import { isNear } from '@lading/go-template';
import type { CommandSpec, FlagSpec } from './spec.ts';

/** Names of visible commands that the word may have meant: two edits away at most, or starting with it. */
export function suggestCommands(commands: readonly CommandSpec[], word: string): string[] {
  const typed = word.toLowerCase();
  return commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(typed) || isNear(typed, name));
}

const mostFlags = 3;

/** The same of flags, by the names that a command line may use for them, and of `help`, which each command has. */
export function suggestFlags(flags: ReadonlyMap<string, FlagSpec>, word: string): string[] {
  const typed = word.toLowerCase();
  const visible = [...flags].filter(([, { hidden }]) => hidden !== true).map(([name]) => name);
  const isMeant = (name: string): boolean =>
    // Two edits make any word of a shorter one.
    typed.length > 3 && name.length > 3 && (name.startsWith(typed) || isNear(typed, name));
  return [...new Set([...visible, 'help'])].filter(isMeant).slice(0, mostFlags);
}
