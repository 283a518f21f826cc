// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';

/** How many processes of the machine are zombies. */
export function countDefunct(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isDefunct(name)).length;
}

function isDefunct(pid: string): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    return text.charAt(text.lastIndexOf(')') + 2) === 'Z';
  } catch {
    return false; // it was waited for meanwhile
  }
}
