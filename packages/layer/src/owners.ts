// SPDX-License-Identifier: Apache-2.0
import { fchownSync, lchownSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { hostIdOf, type IdMapping } from './id-map.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';

/** Gives files the owners that the entries have, through the id maps. */
export interface Owners {
  /** Of a path, not of what a link leads to. */
  set(path: Buffer, entry: TarEntry): void;
  setOpen(fd: number, entry: TarEntry): void;
  /** Makes a folder that no entry stands for the root user's of the container. */
  setRoot(path: Buffer): void;
}

export function createOwners(options: {
  readonly uidMap: readonly IdMapping[] | undefined;
  readonly gidMap: readonly IdMapping[] | undefined;
  readonly ignoreChownErrors: boolean;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}): Owners {
  const { uidMap, gidMap, ignoreChownErrors, owner } = options;
  const hasMaps = (uidMap?.length ?? 0) + (gidMap?.length ?? 0) > 0;
  const change = (entry: TarEntry, chown: (uid: number, gid: number) => void): void => {
    const wanted = owner ?? entry;
    const uid = hasMaps ? hostIdOf(wanted.uid, uidMap, shown(entry.name)) : wanted.uid;
    const gid = hasMaps ? hostIdOf(wanted.gid, gidMap, shown(entry.name)) : wanted.gid;
    try {
      chown(uid, gid);
    } catch (error) {
      if (ignoreChownErrors && isRefusal(error)) return;
      throw explained(error, uid, gid);
    }
  };
  return {
    set: (path, entry) => change(entry, (uid, gid) => lchownSync(path, uid, gid)),
    setOpen: (fd, entry) => change(entry, (uid, gid) => fchownSync(fd, uid, gid)),
    setRoot(path) {
      if (!hasMaps) return;
      const [uid, gid] = [hostIdOf(0, uidMap, shown(path)), hostIdOf(0, gidMap, shown(path))];
      try {
        lchownSync(path, uid, gid);
      } catch (error) {
        if (!(ignoreChownErrors && isRefusal(error))) throw explained(error, uid, gid);
      }
    },
  };
}

/** EINVAL is the answer for an id that the user namespace does not have. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EINVAL');
}

function explained(cause: unknown, uid: number, gid: number): unknown {
  if (!isRefusal(cause)) return cause;
  const { code, reason } = LadingError.from(cause);
  return new LadingError(
    code,
    `this process may not give a file to ${uid}:${gid}; unpack as root or in a user namespace that has these ids, or set ignoreChownErrors`,
    { cause, ...(reason === undefined ? {} : { reason }) },
  );
}
