// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import type { FoundRepository } from '@lading/registry-client';
import { splitPair } from '../options/key-value.ts';

/** What `--filter` lets through: `stars=N`, `is-official[=BOOL]`, `is-automated[=BOOL]`. */
export function readSearchFilters(filters: readonly string[]): (found: FoundRepository) => boolean {
  const tests = filters.map((filter) => {
    const [key, value] = splitPair(filter);
    switch (key) {
      case 'stars': {
        if (value === undefined || !/^\d{1,9}$/.test(value)) {
          throw usageError(`incorrect value type for stars filter: ${quote(value ?? '')} is no number`);
        }
        return ({ stars }: FoundRepository) => stars >= Number(value);
      }
      case 'is-official': {
        const wanted = readBoolean(key, value);
        return ({ isOfficial }: FoundRepository) => isOfficial === wanted;
      }
      case 'is-automated': {
        const wanted = readBoolean(key, value);
        return ({ isAutomated }: FoundRepository) => isAutomated === wanted;
      }
      default:
        throw usageError(`invalid filter type ${quote(filter)}`);
    }
  });
  return (found) => tests.every((test) => test(found));
}

function readBoolean(key: string, value = 'true'): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw usageError(`incorrect value type for ${key} filter: ${quote(value)} is neither true nor false`);
}
