// SPDX-License-Identifier: Apache-2.0
import { constants, lstatSync, opendirSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { Code, hasCode, LadingError } from '@lading/errors';

const mostLinks = 40;

/** A folder with more is not listed, and when this many names are known altogether they are forgotten. */
const mostNames = 20_000;

interface Folder {
  /** Where it is; undefined when there is none. */
  readonly place: string | undefined;
  /** The names of the regular files in it; undefined where there are too many. */
  readonly files: ReadonlySet<string> | undefined;
}

/** Finds files below a folder that does not change meanwhile. */
export interface Resolver {
  /**
   * Opens a regular file for reading; undefined when there is none of that name. The name is bytes, with or without `/`
   * first. The caller closes the descriptor.
   */
  open(name: Buffer): number | undefined;
}

/**
 * Finds files below a folder by their names inside of it. Links among the folders are followed as if it were the root
 * of the file system: a layer of an image with a link `a` to `/etc` and a file `a/shadow` must not give away this
 * machine's file.
 *
 * @throws LadingError by `open`: `data_loss` for a name with more than 40 links on its way; what looking at
 * folders and opening files fail with
 * @example
 * ```ts
 * import { closeSync, readFileSync } from 'node:fs';
 * import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
 * import { resolverIn } from '@lading/linux';
 *
 * const root = await mkdtemp('/tmp/lading-example-');
 * await symlink('/', `${root}/usr`);
 * await writeFile(`${root}/motd`, 'inside');
 * const fd = resolverIn(root).open(Buffer.from('usr/motd'));
 * if (fd !== undefined) {
 *   console.log(readFileSync(fd, 'utf8')); // → inside
 *   closeSync(fd);
 * }
 * ```
 */
export function resolverIn(root: string): Resolver {
  // Names are bytes; as latin1 text each character is one byte.
  const top = bytesAsText(Buffer.from(root));
  const folders = new Map<string, Folder>();
  let names = 0;

  function folderOf(path: string): Folder {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const place = walk(path);
    const files = place === undefined ? undefined : filesIn(place);
    names += 1 + (files?.size ?? 0);
    if (names > mostNames) {
      folders.clear();
      names = 0;
    }
    const folder = { place, files };
    folders.set(path, folder);
    return folder;
  }

  function walk(path: string): string | undefined {
    const todo = path.split('/').reverse();
    let done: string[] = [];
    let links = 0;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        done.pop();
        continue;
      }
      const next = [top, ...done, part].join('/');
      const stats = statOf(next);
      if (stats?.isSymbolicLink()) {
        links += 1;
        if (links > mostLinks) throw new LadingError(Code.DataLoss, `too many links on the way to ${path}`);
        const target = bytesAsText(readlinkSync(textAsBytes(next), { encoding: 'buffer' }));
        if (target.startsWith('/')) done = [];
        todo.push(...target.split('/').reverse());
      } else if (stats?.isDirectory()) {
        done.push(part);
      } else {
        return undefined;
      }
    }
    return [top, ...done].join('/');
  }

  return {
    open(name) {
      const parts = bytesAsText(name)
        .split('/')
        .filter((part) => part !== '' && part !== '.');
      const last = parts.pop();
      if (last === undefined || last === '..') return undefined;
      const { place, files } = folderOf(parts.join('/'));
      if (place === undefined) return undefined;
      const path = `${place}/${last}`;
      const isFile = files === undefined ? statOf(path)?.isFile() : files.has(last);
      return isFile ? openFile(textAsBytes(path)) : undefined;
    },
  };
}

/** To list a folder is a tenth of the work of looking at each of its files, of which an archive needs all. */
function filesIn(place: string): Set<string> | undefined {
  const files = new Set<string>();
  try {
    const folder = opendirSync(textAsBytes(place), { encoding: 'latin1', bufferSize: 512 });
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (entry.isFile()) files.add(entry.name);
        if (files.size > mostNames) return undefined;
      }
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    throw LadingError.from(error);
  }
  return files;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(textAsBytes(path));
  } catch (cause) {
    const error = LadingError.from(cause);
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openFile(path: Buffer): number {
  try {
    return openSync(path, openFlags);
  } catch (error) {
    throw LadingError.from(error);
  }
}

function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function textAsBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
