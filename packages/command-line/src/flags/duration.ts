// SPDX-License-Identifier: Apache-2.0
import { quote } from '@lading/go-template';
import type { Parsed } from './parse-value.ts';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Go's duration text (`1h30m`, `1.5s`, `-2ms`, `0`) in milliseconds.
 *
 * @example
 * parseDurationMs('1m30s'); // → { value: 90000 }
 */
export function parseDurationMs(text: string): Parsed<number> {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return { value: 0 };
  if (rest === '') return { problem: `time: invalid duration ${quote(text)}` };
  let total = 0;
  while (rest !== '') {
    const match = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (match === null) return { problem: `time: invalid duration ${quote(text)}` };
    const unit = match[2] ?? '';
    if (unit === '') return { problem: `time: missing unit in duration ${quote(text)}` };
    const factor = Object.hasOwn(unitMs, unit) ? unitMs[unit] : undefined;
    if (factor === undefined) {
      return { problem: `time: unknown unit ${quote(unit)} in duration ${quote(text)}` };
    }
    total += Number(match[1]) * factor;
    rest = rest.slice(match[0].length);
  }
  // Go counts nanoseconds in 64 bits.
  if (total > 9_223_372_036_854) return { problem: `time: invalid duration ${quote(text)}` };
  return { value: sign * total };
}
