// SPDX-License-Identifier: Apache-2.0

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in steps of 1000 with four digits and no space, as `podman system df` and `stats` show it: `1.998MB`. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}
