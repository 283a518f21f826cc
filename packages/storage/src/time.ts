// SPDX-License-Identifier: Apache-2.0

const lastYear = Date.UTC(9999, 11, 31);

/**
 * A time as records have it. One that is no time becomes now: a config's date is an image's own word, and one bad date
 * makes other tools refuse the whole store.
 */
export function recordTime(time: Date | string | undefined): string {
  const date = new Date(time ?? Date.now());
  const isFit = date.getTime() >= 0 && date.getTime() <= lastYear;
  return (isFit ? date : new Date()).toISOString();
}
