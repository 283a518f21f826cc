// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The last second that a Date can hold. */
const latest = 8_640_000_000_000;

/**
 * The time that an environment wants builds to have: give it as `mtime` to the makers of layers. Undefined when it
 * wants none.
 *
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 *
 * @throws LadingError `invalid_argument` for what is not a number of seconds
 */
export function sourceDateEpoch(env: Readonly<Record<string, string | undefined>>): Date | undefined {
  const text = env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return undefined;
  const seconds = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= latest) return new Date(seconds * 1000);
  throw new LadingError(
    Code.InvalidArgument,
    'SOURCE_DATE_EPOCH must be a whole number of seconds since 1970; set it anew or unset it',
  );
}
