// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isTrue, readStorageFile, type StorageFile, type StorageList, unknownToUs } from './storage-file.ts';
import { storagePaths } from './storage-paths.ts';
import { loadToml } from './toml.ts';
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
  /** False with `enable_partial_images = "false"` in `pull_options`: layers are always fetched as a whole. */
  readonly partialImages: boolean;
  /** With `transient_store`: records of containers are in the run root, and gone after a reboot. */
  readonly transientStore: boolean;
  /** False with `skip_mount_home`: the folder of the driver is no mount of its own. */
  readonly homeMount: boolean;
  /** False with the variable `_CONTAINERS_OVERLAY_DISABLE_IDMAP=yes`: images are copied for containers with mapped ids. */
  readonly idMappedMounts: boolean;
  /** With `ignore_chown_errors` files that cannot be given to another owner stay the user's. */
  readonly ignoreChownErrors: boolean;
  /** With `sync = "filesystem"` a layer is on the disk before its record says that it is whole. */
  readonly sync: 'none' | 'filesystem';
  /** For containers whose id maps are chosen: whose ids they get, and the fewest and the most; undefined by default. */
  readonly autoIds: {
    readonly user: string | undefined;
    readonly minSize: number | undefined;
    readonly maxSize: number | undefined;
  };
  /** How much each container may write, by `size` and `inodes`; undefined for no limit. */
  readonly quota: { readonly sizeBytes: number | undefined; readonly inodes: number | undefined };
  /** Options that are set and change what a store is like on disk, and that `@lading/storage` does not know: `overlay.force_mask`. */
  readonly unsupported: readonly string[];
  readonly warnings: readonly ConfigWarning[];
}

/** Options of {@link loadStorage}. */
export interface LoadStorageOptions {
  /** Stands alone. Default: CONTAINERS_STORAGE_CONF, then the files of user and system with their drop-ins. */
  readonly path?: string;
  /** Default: `process.env`. */
  readonly env?: Variables;
  /** Default: the user that this process is, or was before `podman unshare` made it root of a user namespace. */
  readonly uid?: number;
  /** Folders of the system's files, the weakest first. Default: `/usr/share/containers`, `/etc/containers`. */
  readonly systemDirectories?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Loads storage.conf: of user, machine and vendor the first file that is there, then the drop-ins of all three in the
 * order of their names, then CONTAINERS_STORAGE_CONF_OVERRIDE; a key counts as the last file has it. Without a file the
 * store is where every tool has it: /var/lib/containers/storage and /run/containers/storage for root, in the home and
 * run-time folders of other users. For those the roots in the system's main file do not count: they are root's.
 *
 * @throws InvalidArgument naming the file, and line or key, for what cannot be understood; NotFound for a file that is
 * named and not there
 */
export async function loadStorage(options: LoadStorageOptions = {}): Promise<StorageConfig> {
  const { path, env = process.env, signal } = options;
  const { uid = userOf(env) } = options;
  const { systemDirectories = ['/usr/share/containers', '/etc/containers'] } = options;
  const warnings: ConfigWarning[] = [];
  let found = nothing;
  for (const one of storagePaths({ path, env, uid, systemDirectories })) {
    const file = await loadToml(one.path, signal);
    if (file === undefined) {
      if (one.isNamed !== true) continue;
      throw new LadingError(Code.NotFound, `${one.path} does not exist`, { reason: 'ENOENT' });
    }
    const read = readStorageFile(file, { env, uid }, warnings);
    found = joined(found, one.isRootsOwn ? { ...read, graphRoot: undefined, runRoot: undefined } : read);
  }
  return configOf(withVariables(found, env), env, uid, warnings);
}

const nothing: StorageFile = {
  driver: undefined,
  graphRoot: undefined,
  rootlessPath: undefined,
  runRoot: undefined,
  imageStore: undefined,
  transientStore: undefined,
  disableVolatile: undefined,
  partialImages: undefined,
  autoIdsUser: undefined,
  autoIdsMinSize: undefined,
  autoIdsMaxSize: undefined,
  additionalImageStores: undefined,
  additionalLayerStores: undefined,
  driverOptions: {},
};

function joined(before: StorageFile, after: StorageFile): StorageFile {
  const said = Object.entries(after).filter(([, value]) => value !== undefined);
  return {
    ...before,
    ...Object.fromEntries(said),
    additionalImageStores: joinedList(before.additionalImageStores, after.additionalImageStores),
    additionalLayerStores: joinedList(before.additionalLayerStores, after.additionalLayerStores),
    driverOptions: { ...before.driverOptions, ...after.driverOptions },
  };
}

function joinedList(
  before: StorageList | undefined,
  after: StorageList | undefined,
): StorageList | undefined {
  if (after?.isAdded !== true) return after ?? before;
  return { ...after, values: [...(before?.values ?? []), ...after.values] };
}

/** STORAGE_OPTS: options of the driver, `overlay.KEY=VALUE`, split at commas, that take the place of those in the files. */
function withVariables(config: StorageFile, env: Variables): StorageFile {
  const driverOptions: Record<string, string> = {};
  const stores: string[] = [];
  for (const option of (env.STORAGE_OPTS ?? '').split(',')) {
    const [, key, value] = /^(?:overlay2?\.)?([\w.-]+)=(.*)$/.exec(option.trim()) ?? [];
    if (key === undefined || value === undefined) continue;
    if (key === 'imagestore') stores.push(value);
    else driverOptions[key] = value;
  }
  const { STORAGE_DRIVER } = env;
  return joined(config, {
    ...nothing,
    driver: STORAGE_DRIVER || undefined,
    additionalImageStores: { values: stores, isAdded: true },
    driverOptions,
  });
}

function configOf(
  found: StorageFile,
  env: Variables,
  uid: number,
  warnings: readonly ConfigWarning[],
): StorageConfig {
  const defaults = defaultRoots(env, uid);
  const { driverOptions } = found;
  const rootless = uid === 0 ? undefined : found.rootlessPath;
  const graphRoot = found.graphRoot || rootless || defaults.graphRoot;
  if (found.imageStore === graphRoot) {
    throw new LadingError(
      Code.InvalidArgument,
      `storage.conf: imagestore and graphroot are both ${graphRoot}; leave imagestore out, or name another folder`,
      { reason: 'CONFIG_INVALID' },
    );
  }
  return {
    driver: found.driver || 'overlay',
    graphRoot,
    runRoot: found.runRoot || defaults.runRoot,
    imageStore: found.imageStore || undefined,
    additionalImageStores: found.additionalImageStores?.values ?? [],
    mountProgram: driverOptions.mount_program || undefined,
    mountOptions: (driverOptions.mountopt ?? '').split(',').filter((option) => option !== ''),
    volatileMounts: found.disableVolatile !== true,
    partialImages: isTrue(found.partialImages || 'true') !== false,
    transientStore: found.transientStore === true,
    homeMount: isTrue(driverOptions.skip_mount_home ?? '') !== true,
    idMappedMounts: env._CONTAINERS_OVERLAY_DISABLE_IDMAP !== 'yes',
    ignoreChownErrors: isTrue(driverOptions.ignore_chown_errors ?? '') === true,
    sync: driverOptions.sync === 'filesystem' ? 'filesystem' : 'none',
    autoIds: {
      user: found.autoIdsUser || undefined,
      // As for the Go library, 0 stands for nothing said.
      minSize: found.autoIdsMinSize || undefined,
      maxSize: found.autoIdsMaxSize || undefined,
    },
    quota: {
      sizeBytes: sizeOf('size', driverOptions.size),
      inodes: sizeOf('inodes', driverOptions.inodes),
    },
    unsupported: [
      ...unknownToUs.filter((key) => isSet(driverOptions[key])).map((key) => `overlay.${key}`),
      ...((found.additionalLayerStores?.values ?? []).length > 0 ? ['additionallayerstores'] : []),
    ],
    warnings,
  };
}

/** Other tools say so to what they run in a user namespace, where everyone is root. */
function userOf(env: Variables): number {
  const { _CONTAINERS_ROOTLESS_UID: before = '' } = env;
  return /^\d{1,10}$/.test(before) ? Number(before) : (process.getuid?.() ?? 0);
}

const steps = ['', 'k', 'm', 'g', 't', 'p'];

/** A number, of bytes with a unit in steps of 1024; 0 stands for no limit. */
function sizeOf(key: 'size' | 'inodes', text: string = ''): number | undefined {
  if (text === '') return undefined;
  const [, number, unit] =
    (key === 'size' ? /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i : /^(\d+)()$/).exec(text) ?? [];
  const value = Math.floor(Number(number) * 1024 ** steps.indexOf((unit ?? '').toLowerCase()));
  if (Number.isSafeInteger(value)) return value === 0 ? undefined : value;
  throw new LadingError(
    Code.InvalidArgument,
    `storage.conf: overlay.${key} is ${JSON.stringify(text.slice(0, 80))}; use ${key === 'size' ? 'a size such as 10G' : 'a whole number'}`,
    { reason: 'CONFIG_INVALID' },
  );
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}

function defaultRoots(env: Variables, uid: number): { graphRoot: string; runRoot: string } {
  if (uid === 0) {
    return { graphRoot: '/var/lib/containers/storage', runRoot: '/run/containers/storage' };
  }
  const data = env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local/share');
  return {
    graphRoot: join(data, 'containers/storage'),
    runRoot: join(runtimeFolder(env, uid), 'containers'),
  };
}

/** Where there is no session, /run/user has no folder; then all tools take one of the user's own in /tmp. */
function runtimeFolder(env: Variables, uid: number): string {
  if (env.XDG_RUNTIME_DIR) return env.XDG_RUNTIME_DIR;
  const session = `/run/user/${uid}`;
  return existsSync(session) ? session : join(env.TMPDIR || '/tmp', `storage-run-${uid}`);
}
