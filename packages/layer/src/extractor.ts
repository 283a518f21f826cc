// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { makeNode, setTimes, type ThreadRoot } from '@lading/linux';
import { parentOf, pathInLayer } from './entry-path.ts';
import { setEntryXattrs } from './entry-xattrs.ts';
import type { Owners } from './owners.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';
import type { FilePrivileges } from './thread-privileges.ts';
import { aufsLinkSources, isAufsLinkSource, type Whiteouts } from './whiteouts.ts';
import { sparseWriter, writeAll } from './write-content.ts';

/** Writes entries to the file system of the thread, whose root is the layer. Synchronous throughout. */
export interface Extractor {
  /** True when the content of the entry can be read from the layer afterwards. */
  begin(entry: TarEntry): boolean;
  write(content: Buffer): void;
  finish(): void;
  /** Sets the times of folders, which every entry inside had changed. */
  end(): void;
  /** Closes the file of an entry that is not complete. */
  close(): void;
}

export interface ExtractorOptions {
  readonly root: ThreadRoot;
  /** What to do with entries that stand for a removal. */
  readonly whiteouts: Whiteouts;
  readonly owners: Owners;
  readonly privileges: FilePrivileges;
  /** Whether something else may take the place of a folder, or a folder that of something else. */
  readonly replaceKinds: boolean;
}

/**
 * Modes are given to the calls that make things, so the thread's umask must be 0. Every path goes through the root
 * right before a call, and no call follows a link in its last part.
 */
export function createExtractor({
  root,
  whiteouts,
  owners,
  privileges,
  replaceKinds,
}: ExtractorOptions): Extractor {
  const folders = new Set<string>(['/']);
  const folderTimes = new Map<string, TarEntry>();
  let hasLinkSources = false;
  let file: { fd: number; entry: TarEntry; path: Buffer; write: (content: Buffer) => void } | undefined;

  const remove = (path: Buffer): void => {
    rmSync(root.at(path), { recursive: true, force: true });
    folders.clear(); // what was known of folders below may be wrong now
    folders.add('/');
    root.forget();
  };
  const makeMissing = (folder: Buffer): void => {
    try {
      mkdirSync(root.at(folder), { mode: 0o755 });
      owners.setRoot(root.at(folder));
    } catch (error) {
      if (reasonOf(error) === 'ENOENT' && folder.length > 1 && !isThere(folder)) {
        makeMissing(parentOf(folder));
        makeMissing(folder);
      } else if (!root.isFolder(folder)) {
        if (reasonOf(error) !== 'EEXIST' && reasonOf(error) !== 'ENOTDIR' && reasonOf(error) !== 'ENOENT')
          throw error;
        throw new LadingError(Code.InvalidArgument, 'something on the way to it is not a folder', {
          reason: 'ENOTDIR',
        });
      }
    }
  };
  const makeParents = (path: Buffer): void => {
    const parent = parentOf(path);
    const key = parent.toString('latin1');
    if (folders.has(key)) return;
    makeMissing(parent);
    folders.add(key);
  };
  /** Does what makes a new name; where something has it already, removes that first. */
  const replacing = <T>(path: Buffer, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (reasonOf(error) !== 'EEXIST') throw error;
      if (!replaceKinds && lstatSync(root.at(path)).isDirectory()) throw inTheWay('a folder');
      remove(path);
      makeParents(path);
      return make();
    }
  };
  const makeFolder = (path: Buffer, entry: TarEntry): void => {
    try {
      mkdirSync(root.at(path), entry.mode & 0o777);
    } catch (error) {
      if (reasonOf(error) !== 'EEXIST') throw error;
      if (!lstatSync(root.at(path)).isDirectory()) {
        if (!replaceKinds) throw inTheWay('no folder');
        remove(path);
        makeParents(path);
        mkdirSync(root.at(path), entry.mode & 0o777);
      }
    }
    const place = root.at(path);
    owners.set(place, entry);
    chmodSync(place, entry.mode);
    setEntryXattrs(place, entry, privileges.maySetSystemXattrs);
    const key = path.toString('latin1');
    folders.add(key);
    folderTimes.set(key, entry);
  };
  const makeLink = (path: Buffer, entry: TarEntry): void => {
    const target = pathInLayer(entry.linkName, `hard link ${shown(entry.name)} to`);
    try {
      replacing(path, () => linkSync(root.at(target), root.at(path)));
    } catch (error) {
      if (reasonOf(error) !== 'ENOENT') throw error;
      throw new LadingError(
        Code.InvalidArgument,
        `tar: ${shown(entry.name)} is a hard link to ${shown(entry.linkName)}, which is not in the layer`,
        { cause: error, reason: 'TAR_LINK' },
      );
    }
  };
  const make = (path: Buffer, entry: TarEntry): void => {
    if (entry.type === 'directory') {
      makeFolder(path, entry);
      return;
    }
    if (entry.type === 'link') {
      makeLink(path, entry);
      return;
    }
    if (entry.type === 'file') {
      const fd = replacing(path, () => openSync(root.at(path), 'wx', entry.mode & 0o777));
      file = { fd, entry, path, write: (content) => writeAll(fd, content) };
      if (entry.sparse !== undefined) file.write = sparseWriter(fd, entry.sparse);
      return;
    }
    if (entry.type === 'symlink') replacing(path, () => symlinkSync(entry.linkName, root.at(path)));
    else if (!makeSpecial(path, entry)) return;
    const place = root.at(path);
    owners.set(place, entry);
    if (entry.type !== 'symlink') chmodSync(place, entry.mode);
    setEntryXattrs(place, entry, privileges.maySetSystemXattrs);
    setEntryTimes(place, entry);
  };
  /** Devices and FIFOs; false for what this process may not make. */
  const makeSpecial = (path: Buffer, { type, mode, major, minor }: TarEntry): boolean => {
    if (type === 'fifo') replacing(path, () => makeNode(root.at(path), { type, mode }));
    else if (!privileges.mayMakeDevices) return false;
    else if (type === 'char' || type === 'block') {
      replacing(path, () => makeNode(root.at(path), { type, mode, major, minor }));
    }
    return true;
  };
  const isThere = (path: Buffer): boolean => {
    try {
      return lstatSync(root.at(path), { throwIfNoEntry: false }) !== undefined;
    } catch {
      return false; // nor is its folder
    }
  };

  return {
    begin(entry) {
      const path = pathInLayer(entry.name, 'name');
      if (path.length === 1) return false; // the root: a folder that exists keeps its mode, as with containers/storage
      try {
        const isLinkSource = entry.type === 'file' && isAufsLinkSource(path);
        if (isLinkSource) hasLinkSources = true;
        else if (whiteouts.take(path, entry, makeParents, remove)) return false;
        makeParents(path);
        make(path, entry);
        whiteouts.made(path);
        return file !== undefined && !isLinkSource;
      } catch (error) {
        throw naming(entry, error);
      }
    },
    write(content) {
      if (file === undefined) return; // the body of a whiteout
      try {
        file.write(content);
      } catch (error) {
        throw naming(file.entry, error);
      }
    },
    finish() {
      if (file === undefined) return;
      const { fd, entry, path } = file;
      file = undefined;
      try {
        // Also for 0:0: in a folder with the setgid bit a new file has the folder's group.
        owners.setOpen(fd, entry);
        // After the owner: a change of owner takes the setuid bits away.
        if (entry.mode & 0o7000) fchmodSync(fd, entry.mode);
        if (entry.xattrs.size > 0) setEntryXattrs(root.at(path), entry, privileges.maySetSystemXattrs);
        if (isWholeSeconds(entry)) {
          const seconds = Number(entry.mtimeNs / 1_000_000_000n);
          futimesSync(fd, seconds, seconds);
        } else setEntryTimes(root.at(path), entry);
      } catch (error) {
        throw naming(entry, error);
      } finally {
        closeSync(fd);
      }
    },
    end() {
      if (hasLinkSources) remove(aufsLinkSources);
      for (const [key, entry] of folderTimes) {
        const path = Buffer.from(key, 'latin1');
        try {
          const place = root.at(path);
          if (lstatSync(place).isDirectory()) setEntryTimes(place, entry);
        } catch (error) {
          // A later entry took its place, as where what is there is no folder.
          if (reasonOf(error) !== 'ENOENT' && reasonOf(error) !== 'ENOTDIR') throw naming(entry, error);
        }
      }
    },
    close() {
      if (file !== undefined) closeSync(file.fd);
      file = undefined;
    },
  };
}

function inTheWay(what: string): LadingError {
  return new LadingError(Code.FailedPrecondition, `what is there is ${what}`, { reason: 'KIND_CHANGES' });
}

function isWholeSeconds(entry: TarEntry): boolean {
  return entry.atimeNs === undefined && entry.mtimeNs % 1_000_000_000n === 0n;
}

/** The access time is never before the modification time. */
function setEntryTimes(path: Buffer, { mtimeNs, atimeNs = mtimeNs }: TarEntry): void {
  setTimes(path, { atimeNs: atimeNs > mtimeNs ? atimeNs : mtimeNs, mtimeNs });
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof LadingError) return (error as LadingError).reason;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function naming(entry: TarEntry, cause: unknown): LadingError {
  const error = LadingError.from(cause, Code.Internal);
  if (error.reason?.startsWith('TAR_')) return error;
  return new LadingError(error.code, `tar: cannot extract ${shown(entry.name)}: ${error.message}`, {
    cause,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}
