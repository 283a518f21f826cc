// SPDX-License-Identifier: Apache-2.0
import { formatTime } from './time-layout.ts';

/** A moment as Go's time.Time has it: to the nanosecond, with the offset it was written with. */
export class GoTime {
  /** Of the moment, since 1970. */
  readonly epochMs: number;
  /** Below the second. */
  readonly nanoseconds: number;
  readonly offsetMinutes: number;

  constructor(epochMs: number, nanoseconds: number, offsetMinutes = 0) {
    this.epochMs = epochMs;
    this.nanoseconds = nanoseconds;
    this.offsetMinutes = offsetMinutes;
  }

  /** What a template prints, and `.String` gives. */
  toString(): string {
    return formatTime(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }

  toJSON(): string {
    return formatTime(this, '2006-01-02T15:04:05.999999999Z07:00');
  }
}

const pattern = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:[.,](\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Reads a time of RFC 3339, as JSON documents have it, and keeps its nanoseconds and its offset, which a Date
 * loses. Templates give it the methods of Go's time.Time.
 *
 * @returns undefined for a text that is no time
 */
export function parseGoTime(text: string): GoTime | undefined {
  const [, date = '', clock = '', fraction = '', zone = ''] = pattern.exec(text) ?? [];
  const epochMs = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(epochMs)) return undefined;
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  const offset = (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
  return new GoTime(epochMs, Number(fraction.padEnd(9, '0').slice(0, 9)), offset);
}

/** The time of a Date, which is in UTC. */
export function timeOfDate(date: Date): GoTime {
  const ms = date.getTime();
  const below = ((ms % 1000) + 1000) % 1000;
  return new GoTime(ms - below, below * 1_000_000);
}

const yearOne = -62_135_596_800_000;

/** The method of a time by its name in Go; undefined for one that is not here. */
export function timeMethod(
  time: GoTime,
  name: string,
): ((...args: readonly unknown[]) => unknown) | undefined {
  const numeric = (layout: string) => () => Number(formatTime(time, layout));
  const methods: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
    Day: numeric('2'),
    Format: (layout: unknown) => formatTime(time, String(layout)),
    Hour: numeric('15'),
    IsZero: () => time.epochMs === yearOne && time.nanoseconds === 0,
    Minute: numeric('4'),
    Month: () => formatTime(time, 'January'),
    Nanosecond: () => time.nanoseconds,
    Second: numeric('5'),
    String: () => time.toString(),
    UTC: () => new GoTime(time.epochMs, time.nanoseconds),
    Unix: () => Math.floor(time.epochMs / 1000),
    UnixMilli: () => time.epochMs + Math.floor(time.nanoseconds / 1_000_000),
    UnixNano: () => BigInt(time.epochMs) * 1_000_000n + BigInt(time.nanoseconds),
    Weekday: () => formatTime(time, 'Monday'),
    Year: numeric('2006'),
    YearDay: numeric('__2'),
  };
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
