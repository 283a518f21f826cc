// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';

/** podman's line for a user by number. */
const passwdEntry = '$UID:*:$UID:$GID:container user:$HOME:/bin/sh';

/** `--passwd-entry`, `--hostuser`, `--umask`, `--unsetenv`, `--no-hosts`, `--pidfile` and `--timeout`. */
export function readProcessOptions({ flags, environment }: CommandCall): Partial<ContainerOptions> {
  const umask = flags.string('umask') || undefined;
  if (umask !== undefined && !/^0?[0-7]{1,3}$/.test(umask)) {
    throw usageError(`invalid umask ${quote(umask)}: use octal digits such as 0022`);
  }
  const pidFile = flags.string('pidfile') || undefined;
  const monitorPidFile = flags.string('conmon-pidfile') || undefined;
  const timeout = flags.number('timeout') ?? 0;
  const unset = flags.strings('unsetenv');
  const hostUsers = flags.strings('hostuser');
  return {
    passwdEntry: flags.string('passwd-entry') || passwdEntry,
    ...(hostUsers.length > 0 ? { hostUsers } : {}),
    ...(flags.given('umask') && umask !== undefined ? { umask: Number.parseInt(umask, 8) } : {}),
    ...(flags.boolean('unsetenv-all') ? { unsetEnv: 'all' } : unset.length > 0 ? { unsetEnv: unset } : {}),
    ...(flags.boolean('no-hosts') ? { keepHosts: true } : {}),
    ...(pidFile === undefined ? {} : { pidFile: resolve(environment.cwd, pidFile) }),
    ...(monitorPidFile === undefined ? {} : { monitorPidFile: resolve(environment.cwd, monitorPidFile) }),
    ...(timeout === 0 ? {} : { timeoutMs: timeout * 1000 }),
  };
}
