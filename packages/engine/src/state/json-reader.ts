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

  async function read(path: string): Promise<unknown> {
    const found = statOf(path);
    if (found === undefined) {
      known.delete(path);
      return undefined;
    }
    const before = known.get(path);
    if (before && isSame(found, before)) return before.value;
    const value = await readJson(path);
    known.delete(path);
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
    const values = await Promise.all(
      names.map(async (name) => [name.slice(0, -suffix.length), await read(join(folder, name))] as const),
    );
    const all = new Map(values.filter(([, value]) => value !== undefined));
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
