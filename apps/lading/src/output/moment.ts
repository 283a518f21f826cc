// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, a Unix time in seconds, or how long ago: `10m`, `1h30m`. */
export function parseMoment(text: string | undefined, now: number = Date.now()): Date | undefined {
  return parse(text, now, -1);
}

/** The end of what is to be shown: a duration is from now on, as podman has it for what may still go on. */
export function parseEnd(text: string | undefined, now: number = Date.now()): Date | undefined {
  return parse(text, now, 1);
}

function parse(text: string | undefined, now: number, direction: 1 | -1): Date | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000);
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    let duration = 0;
    for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
      duration += Number(amount) * (unitMs[unit] ?? 0);
    }
    return new Date(now + direction * duration);
  }
  const time = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw usageError(`failed to parse time: ${quote(text)} is no date, Unix time or duration`);
  return new Date(time);
}
