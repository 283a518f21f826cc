// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';

/** `KEY=VALUE` words by key; the last one of a key counts. */
export function keyValues(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word): [string, string] => {
      const equals = word.indexOf('=');
      if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
      throw usageError(`"${word}" is not KEY=VALUE`);
    }),
  );
}
