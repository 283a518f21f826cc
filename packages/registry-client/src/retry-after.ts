// SPDX-License-Identifier: Apache-2.0

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const time = '\\d{2}:\\d{2}:\\d{2}';
/** The three forms of an HTTP-date; the last has no zone and means GMT. */
const dates: readonly RegExp[] = [
  new RegExp(`^[A-Z][a-z]{2}, \\d{2} (?:${months}) \\d{4} ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, \\d{2}-(?:${months})-\\d{2} ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?:${months}) [ \\d]\\d ${time} \\d{4}$`),
];

/**
 * The pause that a Retry-After header asks for: seconds or a date. Undefined when it asks for none that can
 * be understood.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = (header ?? '').trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const form = dates.findIndex((pattern) => pattern.test(text));
  if (form < 0) return undefined;
  const date = Date.parse(form === 2 ? `${text} GMT` : text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
