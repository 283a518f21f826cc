// SPDX-License-Identifier: Apache-2.0

/**
 * Whether an image is never to be collected: by its whole name, by the start of one (`quay.io/team/*`), or by a word in
 * it (`*pause*`), as CRI-O has it.
 */
export function isPinned(names: readonly string[], patterns: readonly string[]): boolean {
  return patterns.some((pattern) => names.some((name) => matches(name, pattern)));
}

function matches(name: string, pattern: string): boolean {
  const word = pattern.replace(/\*$/, '');
  if (word === '' || word === pattern) return name === pattern && pattern !== '';
  return word.startsWith('*') ? name.includes(word.slice(1)) : name.startsWith(word);
}
