// SPDX-License-Identifier: Apache-2.0

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** A size in steps of 1000 with three digits, as `podman images` shows it: `1.24 MB`, `563 B`. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${units[unit]}`;
}

/** C's %.3g, which turns 999.6 into 1e+03. */
function threeDigits(value: number): string {
  const text = value.toPrecision(3);
  if (text.includes('e')) return text.replace(/\.?0*e\+(\d)$/, 'e+0$1');
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
