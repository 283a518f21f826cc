// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { readJson } from './atomic-file.ts';

/** Reads JSON files that are only ever replaced, and remembers those that have not been. */
export interface JsonReader {
  /** As {@link readJson}. Callers share what they get, and must not change it. */
  read(path: string): Promise<unknown>;
}

interface Remembered {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;
  readonly value: unknown;
}

/** The clock of a file system may stand still for this long: younger files may change without showing it. */
const settledMs = 100;

/** More records than a machine has containers are not kept at hand. */
const mostRemembered = 5000;

export function createJsonReader(): JsonReader {
  const known = new Map<string, Remembered>();
  return {
    async read(path) {
      const found = statOf(path);
      if (found === undefined) {
        known.delete(path);
        return undefined;
      }
      const { ino, mtimeMs, size } = found;
      const before = known.get(path);
      if (before?.ino === ino && before.mtimeMs === mtimeMs && before.size === size) return before.value;
      const value = await readJson(path);
      known.delete(path);
      // What is read now may be newer than what was looked at: then the next look tells.
      if (Date.now() - mtimeMs > settledMs) {
        if (known.size >= mostRemembered) known.clear();
        known.set(path, { ino, mtimeMs, size, value });
      }
      return value;
    },
  };
}

function statOf(path: string): { ino: number; mtimeMs: number; size: number } | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw LadingError.from(error);
  }
}
