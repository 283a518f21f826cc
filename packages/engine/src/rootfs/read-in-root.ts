// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from '../state/atomic-file.ts';

const linkLimit = 40;

// At once, as each start of a container comes by here: what is read is small, and no pipe or device.

/**
 * Reads a small text file of a root file system that an image or a container controls. Symbolic links are
 * followed as the container would see them; nothing outside of `root` is ever read, and no pipe or device
 * is opened. Undefined when it does not exist.
 *
 * @param path absolute, as seen in the container
 * @throws InvalidArgument when it is no regular file or larger than `limitBytes` (default 1 MiB)
 */
export function readTextInRoot(
  root: string,
  path: string,
  limitBytes: number = 1024 * 1024,
): string | undefined {
  const real = resolveInRoot(root, path);
  if (real === undefined) return undefined;
  if (!lstatSync(real).isFile()) throw hostile(path, 'is not a regular file');
  let fd: number;
  try {
    fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw LadingError.from(error, Code.Internal);
  }
  try {
    // A running container can swap a folder for a link after it was looked at: ask the kernel what was opened.
    if (!readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${resolvedRoot(root)}/`))
      throw hostile(path, 'changed while it was read');
    const info = fstatSync(fd);
    if (!info.isFile()) throw hostile(path, 'is not a regular file');
    if (info.size > limitBytes) throw hostile(path, `is larger than ${limitBytes} bytes`);
    const buffer = Buffer.alloc(Math.min(limitBytes, info.size + 1));
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(fd, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

/** The host's path of a path in the container, with every link resolved within `root`; undefined when missing. */
export function resolveInRoot(root: string, path: string): string | undefined {
  const todo = path.split('/').reverse();
  let done: string[] = [];
  let links = 0;
  for (;;) {
    const name = todo.pop();
    if (name === undefined) return join(root, ...done);
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const full = join(root, ...done, name);
    let target: string | undefined;
    try {
      target = lstatSync(full).isSymbolicLink() ? readlinkSync(full) : undefined;
    } catch (error) {
      if (isMissing(error) || isNotFolder(error)) return undefined;
      throw LadingError.from(error, Code.Internal);
    }
    if (target === undefined) {
      done.push(name);
      continue;
    }
    links += 1;
    if (links > linkLimit) throw hostile(path, 'leads through too many symbolic links');
    if (target.startsWith('/')) done = [];
    todo.push(...target.split('/').reverse());
  }
}

function resolvedRoot(root: string): string {
  const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function isNotFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
}

function hostile(path: string, what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${path} in the image ${what}`);
}
