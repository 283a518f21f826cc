// SPDX-License-Identifier: Apache-2.0

/** Takes away what no two stores have in common: ids, times, and where they are. */
export function normalise(text: string, places: Readonly<Record<string, string>>, ignore?: RegExp): string {
  let same = text;
  for (const [name, place] of Object.entries(places)) same = same.replaceAll(place, name);
  if (ignore !== undefined) same = same.replace(ignore, '~');
  return same
    .replace(/\b[\da-f]{64}\b/g, 'ID64')
    .replace(/\b(?=[\da-f]*\d)[\da-f]{12}\b/g, 'ID12')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?([+-]\d\d:?\d\d|Z))?( [A-Z]{3,4})?/g, 'TIME')
    .replace(/\b(\d+|About an?|Less than a) (second|minute|hour|day|week|month|year)s?\b/g, 'AGE')
    .replace(/ +$/gm, '')
    .replace(/ {2,}/g, '  ');
}
