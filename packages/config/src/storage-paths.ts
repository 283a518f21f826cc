// SPDX-License-Identifier: Apache-2.0
import { basename, join } from 'node:path';
import { listDropIns } from './files.ts';
import { exists, userConfigDirectory } from './registries-paths.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A file of the configuration of the store. */
export interface StoragePath {
  readonly path: string;
  /** Somebody named it, so that it must be there. */
  readonly isNamed?: boolean;
  /** The system's own file: the roots in it are root's. */
  readonly isRootsOwn?: boolean;
}

export interface StoragePathOptions {
  readonly path: string | undefined;
  readonly env: Variables;
  readonly uid: number;
  /** Of the vendor and of the machine, the first is the weakest. */
  readonly systemDirectories: readonly string[];
}

/**
 * The files that count, the last the most: the first file of user, machine and vendor, then the drop-ins of all of them.
 * One that the environment names stands alone.
 */
export function storagePaths(options: StoragePathOptions): readonly StoragePath[] {
  const { env, uid } = options;
  const named = options.path ?? (env.CONTAINERS_STORAGE_CONF || undefined);
  const paths: StoragePath[] = [];
  if (named !== undefined) paths.push({ path: named, isNamed: true });
  else {
    const user = join(userConfigDirectory(env), 'storage.conf');
    const system = options.systemDirectories.map((directory) => join(directory, 'storage.conf'));
    for (const path of [user, ...[...system].reverse()]) {
      if (!exists(path)) continue;
      paths.push({ path, isRootsOwn: path !== user && uid !== 0 });
      break;
    }
    const directories = [...system.flatMap((path) => dropInDirectories(path, uid)), `${user}.d`];
    paths.push(...dropIns(directories));
  }
  const last = options.path === undefined ? env.CONTAINERS_STORAGE_CONF_OVERRIDE || undefined : undefined;
  if (last !== undefined) paths.push({ path: last, isNamed: true });
  return paths;
}

function dropInDirectories(path: string, uid: number): readonly string[] {
  const special = path.replace(/\.conf$/, uid === 0 ? '.rootful.conf.d' : '.rootless.conf.d');
  return [`${path}.d`, special, ...(uid === 0 ? [] : [join(special, String(uid))])];
}

/** In the order of their names, wherever they are; of two with one name that of the later folder counts alone. */
function dropIns(directories: readonly string[]): readonly StoragePath[] {
  const found = new Map<string, string>();
  for (const directory of directories) {
    for (const path of listDropIns(directory)) found.set(basename(path), path);
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => ({ path }));
}
