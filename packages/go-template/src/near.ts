// SPDX-License-Identifier: Apache-2.0

/** True for words that are two edits apart at most. */
export function isNear(a: string, b: string): boolean {
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
