// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { isAbsolute, normalize } from 'node:path';
import { openSection, type Section } from './section.ts';
import type { TomlFile } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Whose configuration it is, for the variables in paths. */
export interface StorageUser {
  readonly env: Variables;
  readonly uid: number;
}

/** A list, which can add to that of the files before: `["/a", {append = true}]`. */
export interface StorageList {
  readonly values: readonly string[];
  readonly isAdded: boolean;
}

/** What one file says; undefined where it says nothing, empty where it takes back what another one says. */
export interface StorageFile {
  readonly driver: string | undefined;
  readonly graphRoot: string | undefined;
  readonly rootlessPath: string | undefined;
  readonly runRoot: string | undefined;
  readonly imageStore: string | undefined;
  readonly transientStore: boolean | undefined;
  readonly disableVolatile: boolean | undefined;
  /** `enable_partial_images` of `pull_options`, which is text there. */
  readonly partialImages: string | undefined;
  readonly autoIdsUser: string | undefined;
  readonly autoIdsMinSize: number | undefined;
  readonly autoIdsMaxSize: number | undefined;
  readonly additionalImageStores: StorageList | undefined;
  readonly additionalLayerStores: StorageList | undefined;
  /** Options of the driver by their keys: those of `[storage.options]`, and over them those of `[storage.options.overlay]`. */
  readonly driverOptions: Readonly<Record<string, string>>;
}

/** Options that make a store that others must read in the same way. */
export const unknownToUs: readonly string[] = ['force_mask', 'use_composefs'];
const driverKeys = [
  ...unknownToUs,
  'size',
  'inodes',
  'ignore_chown_errors',
  'mountopt',
  'mount_program',
  'skip_mount_home',
];

/** @see https://github.com/containers/storage/blob/v1.59.1/docs/containers-storage.conf.5.md */
export function readStorageFile(file: TomlFile, user: StorageUser, warnings: ConfigWarning[]): StorageFile {
  const root = openSection(file, warnings);
  const storage = root.section('storage');
  const options = storage?.section('options');
  const overlay = options?.section('overlay');
  const driverOptions: Record<string, string> = {};
  for (const [section, keys] of [
    [options, driverKeys],
    [overlay, [...driverKeys, 'sync']],
  ] as const) {
    for (const key of keys) {
      const text = key === 'mount_program' ? pathOf(section, key, user) : section?.string(key);
      if (section === overlay || text !== '')
        Object.assign(driverOptions, text !== undefined && { [key]: text });
    }
  }
  checkWords(overlay ?? options, driverOptions);
  const result: StorageFile = {
    driver: storage?.string('driver'),
    graphRoot: pathOf(storage, 'graphroot', user),
    rootlessPath: pathOf(storage, 'rootless_storage_path', user),
    runRoot: pathOf(storage, 'runroot', user),
    imageStore: pathOf(storage, 'imagestore', user),
    transientStore: storage?.boolean('transient_store'),
    disableVolatile: options?.boolean('disable-volatile'),
    partialImages: options?.stringMap('pull_options').get('enable_partial_images'),
    autoIdsUser: options?.string('root-auto-userns-user'),
    autoIdsMinSize: options?.count('auto-userns-min-size'),
    autoIdsMaxSize: options?.count('auto-userns-max-size'),
    additionalImageStores: listOf(options, 'additionalimagestores'),
    additionalLayerStores: listOf(options, 'additionallayerstores'),
    driverOptions,
  };
  storage?.ignore('driver_priority');
  options?.ignore(...withoutMeaning);
  root.end();
  return result;
}

/** Known to the format, and without a meaning for this store. */
const withoutMeaning: readonly string[] = [
  ...['remap-uids', 'remap-gids', 'remap-user', 'remap-group'],
  ...['aufs', 'btrfs', 'thinpool', 'vfs', 'zfs'],
];

function pathOf(section: Section | undefined, key: string, { env, uid }: StorageUser): string | undefined {
  const text = section?.string(key);
  if (section === undefined || text === undefined || text === '') return text;
  // Any variable of the environment, as Go expands them; one that is not set is empty.
  const expanded = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_all, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? '';
    if (name === 'UID') return String(uid);
    return env[name] ?? (name === 'HOME' ? homedir() : '');
  });
  if (!isAbsolute(expanded)) throw section.fault(key, 'expected a path that begins with /');
  return normalize(expanded).replace(/(.)\/$/, '$1');
}

function listOf(section: Section | undefined, key: string): StorageList | undefined {
  const items = section?.stringsOrTables(key);
  if (section === undefined || items === undefined) return undefined;
  let isAdded = false;
  const values: string[] = [];
  for (const item of items) {
    if (typeof item === 'string') {
      if (item !== '') values.push(item);
      continue;
    }
    if (Object.keys(item).join() !== 'append' || typeof item.append !== 'boolean') {
      throw section.fault(key, 'expected strings, and {append = true} to add to the list of other files');
    }
    isAdded = item.append;
  }
  return { values, isAdded };
}

function checkWords(section: Section | undefined, options: Record<string, string>): void {
  const { sync } = options;
  if (sync !== undefined && !['', 'none', 'filesystem'].includes(sync)) {
    throw section?.fault('sync', 'expected none or filesystem');
  }
  for (const key of ['skip_mount_home', 'ignore_chown_errors']) {
    const word = options[key];
    if (word === undefined || isTrue(word) !== undefined) continue;
    throw section?.fault(key, 'expected true or false');
  }
}

/** As Go reads a boolean from text; undefined for what is none. */
export function isTrue(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true;
  return /^(?:|0|f|F|false|False|FALSE)$/.test(text) ? false : undefined;
}
