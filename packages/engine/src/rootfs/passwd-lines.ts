// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import type { ContainerRecord } from '../types/containers.ts';
import { readTextInRoot } from './read-in-root.ts';
import { parsePasswd, resolveUser } from './user.ts';

/**
 * /etc/passwd of the image with the lines that were asked for; undefined when it stays as it is, or when the image has
 * none.
 */
export async function passwdWithLines(
  rootfs: string,
  { process, options }: Pick<ContainerRecord, 'process' | 'options'>,
): Promise<string | undefined> {
  const text = readTextInRoot(rootfs, '/etc/passwd');
  if (text === undefined) return undefined;
  const lines = [
    ...(await hostLines(options.hostUsers ?? [], process.cwd)),
    ...(await ownLine(rootfs, process, options.passwdEntry)),
  ];
  if (lines.length === 0) return undefined;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`;
}

async function hostLines(users: readonly string[], home: string): Promise<readonly string[]> {
  if (users.length === 0) return [];
  const known = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  return users.map((user) => {
    const found = known.find(({ name, uid }) => name === user || String(uid) === user);
    if (found === undefined) {
      throw new LadingError(
        Code.InvalidArgument,
        `the host has no user ${JSON.stringify(user)} in /etc/passwd, who is to be added to that of the container`,
        { reason: 'USER_UNKNOWN' },
      );
    }
    const { name, uid, gid } = found;
    return `${name}:*:${uid}:${gid}:${name}:${home}:/bin/sh`;
  });
}

async function ownLine(
  rootfs: string,
  { user, cwd }: ContainerRecord['process'],
  entry: string | undefined,
): Promise<readonly string[]> {
  if (entry === undefined || !/^\d+(:|$)/.test(user)) return [];
  const { uid, gid, name } = await resolveUser(rootfs, user);
  if (name !== undefined) return [];
  const values: Readonly<Record<string, string>> = {
    USERNAME: String(uid),
    NAME: String(uid),
    UID: String(uid),
    GID: String(gid),
    HOME: cwd,
  };
  const line = entry.replace(/\$(USERNAME|NAME|UID|GID|HOME)/g, (_whole, key: string) => values[key] ?? '');
  return [line.replace(/\n+$/, '')];
}
