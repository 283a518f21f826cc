// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseConfig, runtimeFields } from './parse-config.ts';
import { configFile, configFolder, type Settings } from './settings.ts';
import type { UnknownKey } from './unknown-keys.ts';

export interface ConfigFiles {
  /** Must exist when it is given. Default `/etc/lading/ladingd.conf`, if there is one. */
  readonly file?: string;
  /** Its `*.conf` files are read in the order of their names; later ones win. Default `/etc/lading/ladingd.conf.d`. */
  readonly folder?: string;
  readonly onUnknown?: (key: UnknownKey, file: string) => void;
}

/**
 * The settings of all configuration files together.
 *
 * @throws LadingError naming the file that cannot be read, or the place in it that is wrong
 */
export async function loadConfig(files: ConfigFiles): Promise<Settings> {
  const main = files.file ?? configFile;
  const folder = files.folder ?? configFolder;
  const names = await orNothing(() => list(folder), []);
  const dropIns = names
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => join(folder, name));
  let settings: Settings = {};
  for (const file of [main, ...dropIns]) {
    const text =
      file === main && files.file === undefined ? await orNothing(() => read(file), '') : await read(file);
    const parsed = parseConfig(text, file);
    for (const key of parsed.unknown) files.onUnknown?.(key, file);
    settings = { ...settings, ...parsed.settings, ...mergedRuntimes(settings, parsed.settings) };
  }
  return settings;
}

/** A table of a runtime in a later file leaves those of others as they are. */
function mergedRuntimes(before: Settings, after: Settings): Settings {
  const keys = [...Object.values(runtimeFields).map(([setting]) => setting), 'defaultAnnotations'] as const;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const merged = { ...before[key], ...after[key] };
      return Object.keys(merged).length === 0 ? [] : [[key, merged]];
    }),
  );
}

async function read(file: string): Promise<string> {
  return named(file, () => readFile(file, 'utf8'));
}

async function list(folder: string): Promise<readonly string[]> {
  return named(folder, () => readdir(folder));
}

async function named<T>(path: string, access: () => Promise<T>): Promise<T> {
  try {
    return await access();
  } catch (error) {
    const { code, message } = LadingError.from(error, Code.Internal);
    throw new LadingError(code, `cannot read the configuration ${path}: ${message}`, { cause: error });
  }
}

async function orNothing<T>(access: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await access();
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return nothing;
    throw error;
  }
}
