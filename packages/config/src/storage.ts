// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { exists, userConfigDirectory } from './registries-paths.ts';
import { openSection, type Section } from './section.ts';
import { loadToml, type TomlFile } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where the local store is and how it mounts. */
export interface StorageConfig {
  readonly driver: string;
  /** Layers, images and containers. */
  readonly graphRoot: string;
  /** State that may be gone after a reboot. */
  readonly runRoot: string;
  /** A folder of its own for images, apart from containers. */
  readonly imageStore: string | undefined;
  /** Stores of other roots whose images can be used, and are never written. */
  readonly additionalImageStores: readonly string[];
  /** A program that mounts instead of the kernel. */
  readonly mountProgram: string | undefined;
  /** Options of the overlay mount. */
  readonly mountOptions: readonly string[];
  /** False with `disable-volatile`: what containers write is always synced. */
  readonly volatileMounts: boolean;
  /** Options that are set and change what a store is like on disk, and that `@lading/storage` does not know: `overlay.size`. */
  readonly unsupported: readonly string[];
  readonly warnings: readonly ConfigWarning[];
}

/** Options of {@link loadStorage}. */
export interface LoadStorageOptions {
  /** Default: CONTAINERS_STORAGE_CONF, then the files of the user (not for root) and of the system. */
  readonly path?: string;
  /** Default: `process.env`. */
  readonly env?: Variables;
  /** Default: the user that this process is. */
  readonly uid?: number;
  readonly signal?: AbortSignal;
}

/**
 * Loads storage.conf. Without one the store is where every tool has it: /var/lib/containers/storage and
 * /run/containers/storage for root, in the home and run-time folders of other users.
 *
 * @throws InvalidArgument naming the file, and line or key, for what cannot be understood
 */
export async function loadStorage(options: LoadStorageOptions = {}): Promise<StorageConfig> {
  const { env = process.env, uid = process.getuid?.() ?? 0, signal } = options;
  const defaults = defaultRoots(env, uid);
  const named = options.path ?? (env.CONTAINERS_STORAGE_CONF || undefined);
  const path = named ?? (await usualPath(env, uid));
  const file = path === undefined ? undefined : await loadToml(path, signal);
  if (file === undefined) {
    if (named !== undefined) {
      throw new LadingError(Code.NotFound, `${named} does not exist`, { reason: 'ENOENT' });
    }
    return withVariables({ ...empty, ...defaults, driver: env.STORAGE_DRIVER || 'overlay' }, env);
  }
  return withVariables(read(file, env, uid, defaults), env);
}

const empty = {
  imageStore: undefined,
  additionalImageStores: [],
  mountProgram: undefined,
  mountOptions: [],
  volatileMounts: true,
  unsupported: [],
  warnings: [],
};

/** STORAGE_OPTS: options of the driver, `overlay.KEY=VALUE`, split at commas, that take the place of those in the files. */
function withVariables(config: StorageConfig, env: Variables): StorageConfig {
  let found = config;
  for (const option of (env.STORAGE_OPTS ?? '').split(',')) {
    const [, key, value] = /^(?:overlay2?\.)?([\w.-]+)=(.*)$/.exec(option.trim()) ?? [];
    if (key === undefined || value === undefined) continue;
    if (key === 'mountopt') found = { ...found, mountOptions: [value] };
    else if (key === 'imagestore') {
      found = { ...found, additionalImageStores: [...found.additionalImageStores, value] };
    } else if (key === 'mount_program') found = { ...found, mountProgram: value || undefined };
    else if (unknownToUs.includes(key) && isSet(value)) {
      found = { ...found, unsupported: [...new Set([...found.unsupported, `overlay.${key}`])] };
    }
  }
  return found;
}

/** Options that make a store that others must read in the same way. */
const unknownToUs = ['size', 'inodes', 'ignore_chown_errors', 'force_mask', 'use_composefs'];

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}

function read(
  file: TomlFile,
  env: Variables,
  uid: number,
  defaults: { graphRoot: string; runRoot: string },
): StorageConfig {
  const warnings: ConfigWarning[] = [];
  const root = openSection(file, warnings);
  const storage = root.section('storage');
  const options = storage?.section('options');
  const overlay = options?.section('overlay');
  const path = (section: Section | undefined, key: string): string | undefined => {
    const text = section?.string(key);
    if (section === undefined || text === undefined || text === '') return undefined;
    const expanded = text.replace(/\$(?:HOME|UID|USER)\b/g, (name) => variable(name, env, uid));
    if (!isAbsolute(expanded)) throw section.fault(key, 'expected a path that begins with /');
    return expanded;
  };
  const rootless = uid === 0 ? undefined : path(storage, 'rootless_storage_path');
  const mountOptions = overlay?.string('mountopt') || options?.string('mountopt') || '';
  const driver = storage?.string('driver');
  const result: StorageConfig = {
    driver: env.STORAGE_DRIVER || driver || 'overlay',
    graphRoot: rootless ?? path(storage, 'graphroot') ?? defaults.graphRoot,
    runRoot: path(storage, 'runroot') ?? defaults.runRoot,
    imageStore: path(storage, 'imagestore'),
    additionalImageStores: (options?.strings('additionalimagestores') ?? []).filter((text) => text !== ''),
    mountProgram: path(overlay, 'mount_program') ?? path(options, 'mount_program'),
    mountOptions: mountOptions.split(',').filter((option) => option !== ''),
    volatileMounts: options?.boolean('disable-volatile') !== true,
    unsupported: [
      ...unknownToUs
        .filter((key) => isSet(overlay?.string(key) || options?.string(key)))
        .map((key) => `overlay.${key}`),
      ...((options?.strings('additionallayerstores') ?? []).some((text) => text !== '')
        ? ['additionallayerstores']
        : []),
    ],
    warnings,
  };
  for (const [section, keys] of [
    [storage, ['driver_priority', 'transient_store', 'rootless_storage_path']],
    [options, otherOptions],
    [overlay, otherOverlay],
  ] as const) {
    section?.ignore(...keys);
  }
  root.end();
  return result;
}

/** Known to the format, and without a meaning for this store. */
const otherOptions: readonly string[] = [
  ...['pull_options', ...unknownToUs],
  ...['remap-uids', 'remap-gids', 'remap-user', 'remap-group', 'root-auto-userns-user'],
  ...['auto-userns-min-size', 'auto-userns-max-size', 'skip_mount_home', 'mountopt'],
  ...['mount_program', 'aufs', 'btrfs', 'thinpool', 'vfs', 'zfs'],
];
const otherOverlay: readonly string[] = ['skip_mount_home', 'sync'];

function variable(name: string, env: Variables, uid: number): string {
  if (name === '$HOME') return env.HOME || homedir();
  return name === '$UID' ? String(uid) : (env.USER ?? '');
}

function defaultRoots(env: Variables, uid: number): { graphRoot: string; runRoot: string } {
  if (uid === 0) {
    return { graphRoot: '/var/lib/containers/storage', runRoot: '/run/containers/storage' };
  }
  const data = env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local/share');
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  return { graphRoot: join(data, 'containers/storage'), runRoot: join(runtime, 'containers') };
}

async function usualPath(env: Variables, uid: number): Promise<string | undefined> {
  const usual = ['/etc/containers/storage.conf', '/usr/share/containers/storage.conf'];
  // The roots in the system's files are root's own.
  const candidates = uid === 0 ? usual : [join(userConfigDirectory(env), 'storage.conf')];
  for (const candidate of candidates) {
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}
