// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from './spec.ts';

/** Names of visible commands that the word may have meant: two edits away at most, or starting with it. */
export function suggestCommands(commands: readonly CommandSpec[], word: string): string[] {
  const typed = word.toLowerCase();
  return commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(typed) || isNear(typed, name));
}

function isNear(a: string, b: string): boolean {
  // Also keeps the work small for a word of any length.
  if (Math.abs(a.length - b.length) > 2) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, charA] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, charB] of [...b].entries()) {
      const swap = (row[j] ?? 0) + (charA === charB ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 0) <= 2;
}
