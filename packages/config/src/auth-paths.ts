// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';
import { userConfigDirectory } from './registries-paths.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The files that hold credentials. The first is the one that is written. A file that the user names stands
 * alone: REGISTRY_AUTH_FILE is as good as `--authfile`.
 */
export function authPaths(env: Variables, uid: number): readonly string[] {
  const named = env.REGISTRY_AUTH_FILE;
  if (named) return [named];
  const runtime = env.XDG_RUNTIME_DIR;
  const home = env.HOME || homedir();
  return [
    runtime ? join(runtime, 'containers/auth.json') : `/run/containers/${uid}/auth.json`,
    join(userConfigDirectory(env), 'auth.json'),
    join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    join(home, '.dockercfg'),
  ];
}
