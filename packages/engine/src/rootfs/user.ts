// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { readTextInRoot } from './read-in-root.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  /** Of /etc/passwd, when the user has a line there. */
  readonly home?: string;
  readonly name?: string;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const idLimit = 2 ** 32 - 2;

/**
 * Who `user`, `uid`, `user:group` or `uid:gid` is by the /etc/passwd and /etc/group of a root file system.
 * Without a group: the user's own and, unless `strict`, all that name the user as a member. The empty text is root.
 *
 * @throws InvalidArgument with reason USER_UNKNOWN or GROUP_UNKNOWN
 */
export async function resolveUser(
  rootfs: string,
  text: string,
  additionalGroups: readonly string[] = [],
  policy: 'merge' | 'strict' = 'merge',
): Promise<ResolvedUser> {
  const [userText = '', groupText, ...rest] = text.split(':');
  if (rest.length > 0) {
    throw new LadingError(Code.InvalidArgument, `the user ${JSON.stringify(text)} has more than one colon`);
  }
  const [passwd, groups] = await Promise.all([readPasswd(rootfs), readGroups(rootfs)]);
  const wanted = userText === '' ? '0' : userText;
  const uid = numericId(wanted);
  // A name of digits alone is found by name first, as the runtimes of Docker and podman do.
  const line = passwd.find((entry) => entry.name === wanted) ?? passwd.find((entry) => entry.uid === uid);
  if (line === undefined && uid === undefined) throw unknown('user', wanted);

  const gidOf = (name: string): number => {
    const found = groups.find((group) => group.name === name)?.gid ?? numericId(name);
    if (found === undefined) throw unknown('group', name);
    return found;
  };
  const explicit = groupText !== undefined && groupText !== '' ? gidOf(groupText) : undefined;
  const member =
    policy === 'merge' && explicit === undefined && line !== undefined
      ? groups.filter((group) => group.members.includes(line.name)).map((group) => group.gid)
      : [];
  const gid = explicit ?? line?.gid ?? 0;
  return {
    uid: line?.uid ?? uid ?? 0,
    gid,
    additionalGids: [...new Set([...member, ...additionalGroups.map(gidOf)])],
    ...(line !== undefined && { home: line.home, name: line.name }),
  };
}

export async function readPasswd(rootfs: string): Promise<PasswdLine[]> {
  return parsePasswd(readTextInRoot(rootfs, '/etc/passwd') ?? '');
}

export function parsePasswd(text: string): PasswdLine[] {
  const lines: PasswdLine[] = [];
  for (const [name, , uidText, gidText, , home] of colonLines(text)) {
    const uid = numericId(uidText ?? '');
    const gid = numericId(gidText ?? '');
    if (name && uid !== undefined && gid !== undefined) lines.push({ name, uid, gid, home: home || '/' });
  }
  return lines;
}

export async function readGroups(rootfs: string): Promise<GroupLine[]> {
  const lines: GroupLine[] = [];
  const text = readTextInRoot(rootfs, '/etc/group') ?? '';
  for (const [name, , gidText, members = ''] of colonLines(text)) {
    const gid = numericId(gidText ?? '');
    if (name && gid !== undefined) lines.push({ name, gid, members: members.split(',').filter(Boolean) });
  }
  return lines;
}

function colonLines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function numericId(text: string): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= idLimit ? id : undefined;
}

function unknown(kind: 'user' | 'group', name: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `unable to find ${kind} ${JSON.stringify(name.slice(0, 80))}: no matching entry in the image's /etc/${kind === 'user' ? 'passwd' : 'group'}`,
    { reason: kind === 'user' ? 'USER_UNKNOWN' : 'GROUP_UNKNOWN' },
  );
}
