// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { makeNode, setTimes } from '@lading/linux';
import { parentOf, pathInLayer } from './entry-path.ts';
import { setEntryXattrs } from './entry-xattrs.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';
import type { Whiteouts } from './whiteouts.ts';
import { sparseWriter, writeAll } from './write-content.ts';

/** Writes entries to the file system of the thread, whose root is the layer. Synchronous throughout. */
export interface Extractor {
  begin(entry: TarEntry): void;
  write(content: Buffer): void;
  finish(): void;
  /** Sets the times of folders, which every entry inside had changed. */
  end(): void;
  /** Closes the file of an entry that is not complete. */
  close(): void;
}

/**
 * Modes are given to the calls that make things, so the thread's umask must be 0.
 *
 * @param whiteouts what to do with entries that stand for a removal
 */
export function createExtractor(whiteouts: Whiteouts): Extractor {
  const folders = new Set<string>(['/']);
  const folderTimes = new Map<string, TarEntry>();
  let file: { fd: number; entry: TarEntry; path: Buffer; write: (content: Buffer) => void } | undefined;

  const remove = (path: Buffer): void => {
    rmSync(path, { recursive: true, force: true });
    folders.clear(); // what was known of folders below may be wrong now
    folders.add('/');
  };
  const makeParents = (path: Buffer): void => {
    const parent = parentOf(path);
    const key = parent.toString('latin1');
    if (folders.has(key)) return;
    try {
      mkdirSync(parent, { recursive: true, mode: 0o755 });
    } catch (error) {
      if (reasonOf(error) !== 'EEXIST' && reasonOf(error) !== 'ENOTDIR') throw error;
      throw new LadingError(Code.InvalidArgument, 'something on the way to it is not a folder', {
        reason: 'ENOTDIR',
      });
    }
    folders.add(key);
  };
  /** Does what makes a new name; where something has it already, removes that first. */
  const replacing = <T>(path: Buffer, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (reasonOf(error) !== 'EEXIST') throw error;
      remove(path);
      makeParents(path);
      return make();
    }
  };
  const makeFolder = (path: Buffer, entry: TarEntry): void => {
    try {
      mkdirSync(path, entry.mode & 0o777);
    } catch (error) {
      if (reasonOf(error) !== 'EEXIST') throw error;
      if (!lstatSync(path).isDirectory()) {
        remove(path);
        makeParents(path);
        mkdirSync(path, entry.mode & 0o777);
      }
    }
    chownSync(path, entry.uid, entry.gid);
    chmodSync(path, entry.mode);
    setEntryXattrs(path, entry);
    const key = path.toString('latin1');
    folders.add(key);
    folderTimes.set(key, entry);
  };
  const makeLink = (path: Buffer, entry: TarEntry): void => {
    const target = pathInLayer(entry.linkName, `hard link ${shown(entry.name)} to`);
    try {
      replacing(path, () => linkSync(target, path));
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
      const fd = replacing(path, () => openSync(path, 'wx', entry.mode & 0o777));
      file = { fd, entry, path, write: (content) => writeAll(fd, content) };
      if (entry.sparse !== undefined) file.write = sparseWriter(fd, entry.sparse);
      return;
    }
    if (entry.type === 'symlink') replacing(path, () => symlinkSync(entry.linkName, path));
    else
      replacing(path, () =>
        makeNode(path, {
          type: entry.type as 'char' | 'block' | 'fifo',
          mode: entry.mode,
          major: entry.major,
          minor: entry.minor,
        }),
      );
    lchownSync(path, entry.uid, entry.gid);
    if (entry.type !== 'symlink') chmodSync(path, entry.mode);
    setEntryXattrs(path, entry);
    setEntryTimes(path, entry);
  };

  return {
    begin(entry) {
      const path = pathInLayer(entry.name, 'name');
      if (path.length === 1) return; // the root: a folder that exists keeps its mode, as with containers/storage
      try {
        if (whiteouts.take(path, entry, makeParents, remove)) return;
        makeParents(path);
        make(path, entry);
        whiteouts.made(path);
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
        fchownSync(fd, entry.uid, entry.gid);
        // After the owner: a change of owner takes the setuid bits away.
        if (entry.mode & 0o7000) fchmodSync(fd, entry.mode);
        if (entry.xattrs.size > 0) setEntryXattrs(path, entry);
        if (isWholeSeconds(entry)) {
          const seconds = Number(entry.mtimeNs / 1_000_000_000n);
          futimesSync(fd, seconds, seconds);
        } else setEntryTimes(path, entry);
      } catch (error) {
        throw naming(entry, error);
      } finally {
        closeSync(fd);
      }
    },
    end() {
      for (const [key, entry] of folderTimes) {
        const path = Buffer.from(key, 'latin1');
        try {
          setEntryTimes(path, entry);
        } catch (error) {
          // A later entry took its place.
          if (reasonOf(error) !== 'ENOENT') throw naming(entry, error);
        }
      }
    },
    close() {
      if (file !== undefined) closeSync(file.fd);
      file = undefined;
    },
  };
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
