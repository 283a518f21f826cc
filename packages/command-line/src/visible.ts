// SPDX-License-Identifier: Apache-2.0

/** Commands or flags that are shown, by their names. */
export function visibleByName<T extends { readonly name: string; readonly hidden?: boolean }>(
  items: readonly T[],
): readonly T[] {
  return items.filter(({ hidden }) => hidden !== true).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
