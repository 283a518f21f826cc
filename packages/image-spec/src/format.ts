// SPDX-License-Identifier: Apache-2.0
import { type Rule, text } from '@lading/document';

const dateTimeGrammar =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339, section 5.6. Go programs, which are most readers of images, fail on anything else. */
export const dateTime: Rule<string> = text('a time as in 2026-01-31T23:59:59Z', (value) => {
  const [, year, month, day] = dateTimeGrammar.exec(value) ?? [];
  if (year === undefined) return false;
  // A day that the month lacks would be taken for one of the next.
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
});

const uriGrammar = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

/** RFC 3986, with its scheme. */
export const uri: Rule<string> = text('a URI as in https://example.com/layer', (value) =>
  uriGrammar.test(value),
);
