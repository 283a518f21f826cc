// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, lstatSync, readdirSync, statSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import type { FoundFile } from './file-entry.ts';
import { shown } from './tar-header.ts';

const slash = Buffer.from('/');
const nothing = Buffer.alloc(0);

/**
 * The files of a folder in the order of bytes, which is the same everywhere, each folder before what is in it. The
 * folder itself is left out.
 *
 * The calls are synchronous: each takes a few microseconds, where a turn of the thread pool takes a hundred.
 */
export function* walkTree(root: string): Generator<FoundFile> {
  const path = Buffer.from(root);
  checkRoot(path);
  yield* walkFolder(path, nothing);
}

function* walkFolder(folder: Buffer, prefix: Buffer): Generator<FoundFile> {
  for (const base of namesIn(folder)) {
    const file = findFile(folder, prefix, base);
    if (file === undefined) continue;
    yield file;
    if (file.stat.isDirectory()) yield* walkFolder(file.path, inFolder(file.name, nothing));
  }
}

/** Sorted by bytes. */
export function namesIn(folder: Buffer): Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Undefined when it went away since its name was read, as in a container that runs. */
export function findFile(folder: Buffer, prefix: Buffer, base: Buffer): FoundFile | undefined {
  const path = inFolder(folder, base);
  const stat = statOf(path);
  return stat === undefined ? undefined : { path, name: Buffer.concat([prefix, base]), stat };
}

/** Of a link it is the link itself. Undefined when there is nothing of that name. */
export function statOf(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The root of a tree is the caller's choice, so it may be a link to it, as those that containers/storage has in `l`.
 *
 * @throws LadingError when it is not there, or not a folder
 */
export function checkRoot(path: Buffer): void {
  let stat: BigIntStats | undefined;
  try {
    stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(path, error);
  }
  if (stat?.isDirectory()) return;
  const [code, what] =
    stat === undefined ? [Code.NotFound, 'not there'] : [Code.InvalidArgument, 'not a folder'];
  throw new LadingError(code, `cannot read the tree ${shown(path)}: it is ${what}`);
}

export function inFolder(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, slash, name]);
}

/** Node puts the path into its message as it is. */
export function unreadable(path: Uint8Array, cause: unknown): LadingError {
  const error = LadingError.from(cause);
  return new LadingError(error.code, `cannot read ${shown(path)}: ${error.reason ?? 'unknown error'}`, {
    cause,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}
