// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ContainerConfig } from '@lading/image-spec';
import type { ContainerOptions } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { argsOf } from './init.ts';

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Command line, environment, folder and user: the image's, as far as the options do not replace them.
 * @throws InvalidArgument when there is no command, or a variable or folder is malformed
 */
export function composeProcess(
  image: ContainerConfig,
  options: ContainerOptions,
  hostname: string,
): ContainerRecord['process'] {
  const entrypoint = options.entrypoint ?? image.Entrypoint ?? [];
  const command = options.command ?? (options.entrypoint === undefined ? (image.Cmd ?? []) : []);
  const args = [...entrypoint, ...command];
  if (args.length === 0 || args[0] === '') {
    throw new LadingError(
      Code.InvalidArgument,
      options.rootfs === undefined
        ? `no command given, and image ${options.image} has neither Entrypoint nor Cmd`
        : 'no command given, and a folder has none of its own',
    );
  }
  const cwd = options.workdir || image.WorkingDir || '/';
  if (!cwd.startsWith('/')) {
    throw new LadingError(
      Code.InvalidArgument,
      `the working directory ${JSON.stringify(cwd)} must be an absolute path`,
    );
  }
  const defaults = {
    PATH: defaultPath,
    container: 'lading',
    ...(options.terminal && { TERM: 'xterm' }),
    ...(hostname !== '' && { HOSTNAME: hostname }),
  };
  const inherited = mergeEnv(defaults, image.Env ?? [], {}).filter((line) => !isUnset(line, options));
  const env = mergeEnv({}, inherited, options.env ?? {});
  for (const text of [...args, ...env, cwd]) {
    if (text.includes('\0')) {
      throw new LadingError(Code.InvalidArgument, 'a NUL byte in a command, variable or folder');
    }
  }
  return { args: argsOf(options.init, args), env, cwd, user: options.user ?? image.User ?? '' };
}

function isUnset(line: string, { unsetEnv = [] }: ContainerOptions): boolean {
  return unsetEnv === 'all' || unsetEnv.includes(line.slice(0, line.indexOf('=')));
}

/** `NAME=value` lines; later ones win. @throws InvalidArgument for a name that is empty or has `=` */
export function mergeEnv(
  defaults: Readonly<Record<string, string>>,
  image: readonly string[],
  given: Readonly<Record<string, string>>,
): string[] {
  const merged = new Map<string, string>(Object.entries(defaults));
  for (const line of image) {
    const at = line.indexOf('=');
    // Images in the wild hold lines without "="; the runtimes drop them.
    if (at > 0) merged.set(line.slice(0, at), line.slice(at + 1));
  }
  for (const [name, value] of Object.entries(given)) {
    if (name === '' || name.includes('=')) {
      throw new LadingError(Code.InvalidArgument, `the variable name ${JSON.stringify(name)} is not valid`);
    }
    merged.set(name, value);
  }
  return [...merged].map(([name, value]) => `${name}=${value}`);
}
