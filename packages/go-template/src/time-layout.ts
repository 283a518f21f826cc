// SPDX-License-Identifier: Apache-2.0

/** The parts of a time that a layout shows. */
export interface TimeParts {
  readonly epochMs: number;
  readonly nanoseconds: number;
  readonly offsetMinutes: number;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

// Go's layout is the reference time itself; longer words stand before those that begin them.
const words =
  /January|Jan|Monday|Mon|MST|2006|__2|002|_2(?!006)|01|02|03|04|05|06|15|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|[1-5]/g;

/** The text of a time by a layout, as Go's Time.Format makes it. */
export function formatTime(time: TimeParts, layout: string): string {
  const { nanoseconds, offsetMinutes } = time;
  const local = new Date(time.epochMs + offsetMinutes * 60_000);
  const month = local.getUTCMonth();
  const day = local.getUTCDate();
  const hour = local.getUTCHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const year = local.getUTCFullYear();
  const yearDay = Math.floor((local.getTime() - startOfYear(year)) / 86_400_000) + 1;
  const simple: Readonly<Record<string, string>> = {
    January: months[month] ?? '',
    Jan: (months[month] ?? '').slice(0, 3),
    Monday: days[local.getUTCDay()] ?? '',
    Mon: (days[local.getUTCDay()] ?? '').slice(0, 3),
    MST: offsetMinutes === 0 ? 'UTC' : zone(offsetMinutes, ''),
    '2006': String(year).padStart(4, '0'),
    '06': String(year % 100).padStart(2, '0'),
    '01': two(month + 1),
    '1': String(month + 1),
    '02': two(day),
    _2: String(day).padStart(2),
    '2': String(day),
    '002': String(yearDay).padStart(3, '0'),
    __2: String(yearDay).padStart(3),
    '15': two(hour),
    '03': two(hour12),
    '3': String(hour12),
    '04': two(local.getUTCMinutes()),
    '4': String(local.getUTCMinutes()),
    '05': two(local.getUTCSeconds()),
    '5': String(local.getUTCSeconds()),
    PM: hour < 12 ? 'AM' : 'PM',
    pm: hour < 12 ? 'am' : 'pm',
  };
  return layout.replace(words, (word) => {
    if (Object.hasOwn(simple, word)) return simple[word] ?? word;
    if (/^[.,]/.test(word)) return fraction(nanoseconds, word);
    if (word.startsWith('Z') && offsetMinutes === 0) return 'Z';
    return zoneLike(word, offsetMinutes);
  });
}

function startOfYear(year: number): number {
  // Date.UTC takes years below 100 for those of the last century.
  return new Date(0).setUTCFullYear(year, 0, 1);
}

/** `.000` keeps its zeros, `.999` drops those at the end. */
function fraction(nanoseconds: number, word: string): string {
  const digits = String(nanoseconds)
    .padStart(9, '0')
    .slice(0, word.length - 1)
    .padEnd(word.length - 1, '0');
  if (word[1] === '0') return `${word[0]}${digits}`;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : `${word[0]}${kept}`;
}

function zoneLike(word: string, offsetMinutes: number): string {
  const colon = word.includes(':') ? ':' : '';
  const text = zone(offsetMinutes, colon);
  if (/^.07$/.test(word)) return text.slice(0, 3);
  return /00[: ]?00/.test(word) || word.length > 6 ? `${text}${colon}00` : text;
}

function zone(offsetMinutes: number, colon: string): string {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${colon}${two(minutes % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
