// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { readJson } from './atomic-file.ts';
import { namesIn } from './names-in.ts';

/** Reads JSON files that are only ever replaced, and remembers those that have not been. */
export interface JsonReader {
  /** As {@link readJson}. Callers share what they get, and must not change it. */
  read(path: string): Promise<unknown>;
  /**
   * All `NAME.json` of a folder by NAME; none when it has not been made. Takes one look at the folder when nothing
   * in it was added, replaced or removed since.
   */
  readAll(folder: string): Promise<ReadonlyMap<string, unknown>>;
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
  const folders = new Map<string, Remembered & { readonly value: ReadonlyMap<string, unknown> }>();

  function remembered(path: string): unknown {
    const before = known.get(path);
    const found = before && statOf(path);
    return found && isSame(found, before) ? before.value : undefined;
  }

  async function read(path: string): Promise<unknown> {
    const before = remembered(path);
    if (before !== undefined) return before;
    known.delete(path);
    const found = statOf(path);
    if (found === undefined) return undefined;
    const value = await readJson(path);
    // What is read now may be newer than what was looked at: then the next look tells.
    if (isSettled(found)) {
      if (known.size >= mostRemembered) known.clear();
      known.set(path, { ...found, value });
    }
    return value;
  }

  async function readAll(folder: string): Promise<ReadonlyMap<string, unknown>> {
    const found = statOf(folder);
    if (found === undefined) return new Map();
    const before = folders.get(folder);
    if (before && isSame(found, before)) return before.value;
    const settled = isSettled(found);
    const names = (await namesIn(folder)).filter((name) => name.endsWith(suffix));
    const all = new Map<string, unknown>();
    for (const name of names) {
      const path = join(folder, name);
      // Most are as they were, and not waited for: a promise for each would take longer than the looks.
      const value = remembered(path) ?? (await read(path));
      if (value !== undefined) all.set(name.slice(0, -suffix.length), value);
    }
    folders.delete(folder);
    if (settled) folders.set(folder, { ...found, value: all });
    return all;
  }

  return { read, readAll };
}

const suffix = '.json';

type Looks = Omit<Remembered, 'value'>;

function isSame(now: Looks, before: Looks): boolean {
  return now.ino === before.ino && now.mtimeMs === before.mtimeMs && now.size === before.size;
}

function isSettled({ mtimeMs }: Looks): boolean {
  return Date.now() - mtimeMs > settledMs;
}

function statOf(path: string): Looks | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && { ino: found.ino, mtimeMs: found.mtimeMs, size: found.size };
  } catch (error) {
    throw LadingError.from(error);
  }
}
