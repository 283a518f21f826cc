// SPDX-License-Identifier: Apache-2.0
import type { Line } from './row.ts';

/** The script of a line for `sh`. */
export function scriptOf(line: Line): string | undefined {
  return typeof line === 'string' && line.startsWith('!') ? line.slice(1) : undefined;
}

/** The words of a line; a text is cut at spaces outside of single quotes. */
export function wordsOf(line: Line): readonly string[] {
  if (typeof line !== 'string') return line;
  return (line.match(/(?:[^ ']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));
}
