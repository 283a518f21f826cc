// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';

/** podman's line for a user by number. */
const passwdEntry = '$UID:*:$UID:$GID:container user:$HOME:/bin/sh';

/** `--passwd`, `--umask`, `--unsetenv`, `--no-hosts`, `--pidfile`, `--timeout`, `--systemd` and their like. */
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
  const chrootFolders = flags.strings('chrootdirs');
  const personality = flags.string('personality') || undefined;
  if (personality !== undefined && personality !== 'LINUX' && personality !== 'LINUX32') {
    throw usageError(`unknown --personality ${quote(personality)}: use LINUX or LINUX32`);
  }
  return {
    ...(flags.boolean('passwd') && { passwdEntry: flags.string('passwd-entry') || passwdEntry }),
    ...(hostUsers.length > 0 && flags.boolean('passwd') ? { hostUsers } : {}),
    ...(chrootFolders.length > 0 && { chrootFolders }),
    ...(personality !== undefined && { personality }),
    ...readSystemd(flags),
    ...readNotify(flags, environment.env.NOTIFY_SOCKET || undefined),
    ...(flags.given('umask') && umask !== undefined ? { umask: Number.parseInt(umask, 8) } : {}),
    ...(flags.boolean('unsetenv-all') ? { unsetEnv: 'all' } : unset.length > 0 ? { unsetEnv: unset } : {}),
    ...(flags.boolean('no-hosts') ? { keepHosts: true } : {}),
    ...(flags.boolean('no-hostname') ? { keepHostname: true } : {}),
    ...(pidFile === undefined ? {} : { pidFile: resolve(environment.cwd, pidFile) }),
    ...(monitorPidFile === undefined ? {} : { monitorPidFile: resolve(environment.cwd, monitorPidFile) }),
    ...(timeout === 0 ? {} : { timeoutMs: timeout * 1000 }),
  };
}

function readSystemd(flags: Flags): Pick<ContainerOptions, 'systemd'> {
  const mode = flags.string('systemd') ?? 'true';
  if (mode === 'false') return {};
  if (mode === 'true' || mode === 'always') return { systemd: mode === 'true' ? 'auto' : true };
  throw usageError(`--systemd values must be one of "true, false, always", not ${quote(mode)}`);
}

/** `--sdnotify`, of whoever started this program by a service. */
function readNotify(flags: Flags, socket: string | undefined): Pick<ContainerOptions, 'notify'> {
  const mode = flags.string('sdnotify') ?? 'container';
  if (mode !== 'container' && mode !== 'conmon' && mode !== 'ignore') {
    throw usageError(`invalid sdnotify value ${quote(mode)}: must be container, conmon or ignore`);
  }
  if (mode === 'ignore' || socket === undefined) return {};
  return { notify: { socket, by: mode === 'conmon' ? 'monitor' : 'container' } };
}
