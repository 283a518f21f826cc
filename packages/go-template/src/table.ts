// SPDX-License-Identifier: Apache-2.0

/** How podman pads: a column is 12 characters wide at least, and two spaces end it. */
const minWidth = 12;
const padding = 2;

/**
 * Rows as aligned text, each line ended by `\n`. The last cell of a row is not padded.
 *
 * @param options.header printed first; undefined or empty: no header line
 */
export function renderTable(
  rows: readonly (readonly string[])[],
  options: { readonly header?: readonly string[] | undefined } = {},
): string {
  const header = options.header ?? [];
  const all = header.length === 0 ? rows : [header, ...rows];
  const widths: number[] = [];
  for (const row of all) {
    for (const [index, cell] of row.slice(0, -1).entries()) {
      widths[index] = Math.max(widths[index] ?? minWidth, [...cell].length + padding);
    }
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => {
        const missing = index === row.length - 1 ? 0 : (widths[index] ?? 0) - [...cell].length;
        return cell + ' '.repeat(Math.max(0, missing));
      })
      .join('');
  return all.map((row) => `${line(row)}\n`).join('');
}
