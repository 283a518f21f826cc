// SPDX-License-Identifier: Apache-2.0
import { readlink } from 'node:fs/promises';
import { Code, hasCode, LadingError } from '@lading/errors';

/** Numbers, where they are asked for; in podman's order, as Go prints it. */
export interface Namespaces {
  readonly MNT: string;
  readonly Cgroup: string;
  readonly IPC: string;
  readonly NET: string;
  readonly PIDNS: string;
  readonly UTS: string;
  readonly User: string;
}

export const noNamespaces: Namespaces = {
  MNT: '',
  Cgroup: '',
  IPC: '',
  NET: '',
  PIDNS: '',
  UTS: '',
  User: '',
};

/** Of a process; empty texts when it has ended. */
export async function namespacesOf(pid: number): Promise<Namespaces> {
  if (pid === 0) return noNamespaces;
  const numberOf = async (file: string): Promise<string> => {
    try {
      return /\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/ns/${file}`))?.[1] ?? '';
    } catch (reason) {
      // It ended since it was listed.
      if (hasCode(LadingError.from(reason), Code.NotFound)) return '';
      throw reason;
    }
  };
  return {
    MNT: await numberOf('mnt'),
    Cgroup: await numberOf('cgroup'),
    IPC: await numberOf('ipc'),
    NET: await numberOf('net'),
    PIDNS: await numberOf('pid'),
    UTS: await numberOf('uts'),
    User: await numberOf('user'),
  };
}

/** The fields of a row that tell one namespace each: the columns of `ps --ns`. */
export function namespaceFields({ Cgroup, IPC, MNT, NET, PIDNS, User, UTS }: Namespaces): NamespaceFields {
  return { CGROUPNS: Cgroup, IPC, MNT, NET, PIDNS, USERNS: User, UTS };
}

export interface NamespaceFields {
  readonly CGROUPNS: string;
  readonly IPC: string;
  readonly MNT: string;
  readonly NET: string;
  readonly PIDNS: string;
  readonly USERNS: string;
  readonly UTS: string;
}

/** As `ps --format json` has them: without those that were not asked for. */
export function namespacesJson(namespaces: Namespaces): Readonly<Record<string, string>> {
  const title = (name: string): string => `${name[0]}${name.slice(1).toLowerCase()}`;
  return Object.fromEntries(
    Object.entries(namespaces).flatMap(([name, number]) => (number === '' ? [] : [[title(name), number]])),
  );
}
