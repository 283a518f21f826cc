// SPDX-License-Identifier: Apache-2.0

const billion = 1_000_000_000n;

/**
 * A time as Go writes it into JSON: RFC 3339 in UTC, with as many digits of the second as it has. `undefined` for a
 * year that a calendar of JavaScript does not reach.
 *
 * @param unixNs nanoseconds since 1970; negative before
 *
 * @example
 * ```ts
 * import { formatTimestamp } from '@lading/image-spec';
 *
 * console.log(formatTimestamp(1_767_225_600_500_000_000n)); // → 2026-01-01T00:00:00.5Z
 * console.log(formatTimestamp(-1n)); // → 1969-12-31T23:59:59.999999999Z
 * ```
 */
export function formatTimestamp(unixNs: bigint): string | undefined {
  const below = ((unixNs % billion) + billion) % billion;
  const time = new Date(Number((unixNs - below) / billion) * 1000);
  if (Number.isNaN(time.getTime())) return undefined;
  const fraction = below.toString().padStart(9, '0').replace(/0+$/, '');
  return `${time.toISOString().slice(0, -'.000Z'.length)}${fraction === '' ? '' : `.${fraction}`}Z`;
}
