// SPDX-License-Identifier: Apache-2.0
import { accessSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';

type Variables = Readonly<Record<string, string | undefined>>;

const system = '/etc/containers';

/** The user's own folder of configuration for container tools. */
export function userConfigDirectory(env: Variables): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'containers');
}

/** The user's file, where there is one, stands for the system's and for the system's drop-ins too. */
export function registriesPaths(
  env: Variables,
  path: string | undefined,
  dropInDirectories: readonly string[] | undefined,
): { file: string; directories: readonly string[] } {
  const user = userConfigDirectory(env);
  const named = path ?? (env.CONTAINERS_REGISTRIES_CONF || undefined);
  const userFile = join(user, 'registries.conf');
  const usesUserFile = named === undefined && exists(userFile);
  const userDirectory = join(user, 'registries.conf.d');
  const usual = usesUserFile ? [userDirectory] : [join(system, 'registries.conf.d'), userDirectory];
  const fromEnv = env.CONTAINERS_REGISTRIES_CONF_DIR || undefined;
  return {
    file: named ?? (usesUserFile ? userFile : join(system, 'registries.conf')),
    directories: dropInDirectories ?? (fromEnv === undefined ? usual : [fromEnv]),
  };
}

/** The file in which podman keeps the answers of people whom it asked which image a short name is. */
export function recordedAliases(env: Variables, uid: number = process.getuid?.() ?? 0): string {
  const cache = uid === 0 ? '/var/cache' : env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(cache, 'containers/short-name-aliases.conf');
}

/** Whether a file can be seen. */
export function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch (error) {
    const { code, reason } = LadingError.from(error);
    if (code === Code.NotFound || reason === 'ENOTDIR' || code === Code.PermissionDenied) return false;
    throw error;
  }
}
