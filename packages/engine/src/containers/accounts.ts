// SPDX-License-Identifier: Apache-2.0
import { readGroups, readPasswd } from '../rootfs/user.ts';
import type { Accounts, ContainerRecord } from '../types/containers.ts';

/** The names in the /etc/passwd and /etc/group of a container; none when it is not mounted. */
export async function accountsOf({ run }: ContainerRecord): Promise<Accounts> {
  if (run === undefined) return { users: new Map(), groups: new Map() };
  const [users, groups] = await Promise.all([readPasswd(run.rootfs), readGroups(run.rootfs)]);
  // The first line of a number is the one that counts.
  return {
    users: new Map(users.toReversed().map(({ uid, name }) => [uid, name])),
    groups: new Map(groups.toReversed().map(({ gid, name }) => [gid, name])),
  };
}
