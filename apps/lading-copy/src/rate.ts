// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** What `--limit-rate` allows, in bytes a second: `500k`, `10M`, `1.5G`, as curl and wget read it. */
export function bytesPerSecondOf(flags: Flags): number | undefined {
  const text = flags.string('limit-rate');
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([kmg]?)$/i.exec(text) ?? [];
  const bytes = Number(number) * (units[unit.toLowerCase()] ?? 0);
  if (bytes >= 1) return bytes;
  throw usageError(`--limit-rate ${text}: write bytes a second, as in 500k, 10M or 1G`);
}
