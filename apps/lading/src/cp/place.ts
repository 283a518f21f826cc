// SPDX-License-Identifier: Apache-2.0
import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { usageError } from '@lading/command-line';
import type { ContainerFiles } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

/** What an argument of `cp` names. */
export type CopyArgument =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'container'; readonly ref: string; readonly path: string };

/** A path with a colon in it is of the host when it begins with `/` or `.`, as with podman. */
export function parseCopyArgument(text: string): CopyArgument {
  if (text === '') throw usageError('invalid arguments: a path is empty');
  if (text === '-') return { kind: 'stdio' };
  const colon = text.indexOf(':');
  if (colon <= 0 || text.startsWith('/') || text.startsWith('.')) return { kind: 'host', path: text };
  const path = text.slice(colon + 1);
  if (path === '') throw usageError(`invalid arguments: ${text} names no path in the container`);
  return { kind: 'container', ref: text.slice(0, colon), path };
}

/** A path that was looked for. */
export interface Place {
  /** Of the host, without links; undefined when nothing is there. */
  readonly real: string | undefined;
  readonly stat: Stats | undefined;
  /** The folder that it is in, or would be in; undefined when that is missing too. */
  readonly parent: string | undefined;
  /** Its own name as it was given, without slashes; empty for the root. */
  readonly name: string;
  /** It was written as a folder: with a slash at its end, or `/.`. */
  readonly asFolder: boolean;
  /** It was written with `/.`: what is in it is meant. */
  readonly contents: boolean;
  /** For messages. */
  readonly shown: string;
  /** `the host`, or `container NAME`. */
  readonly where: string;
}

/** @param files of the container; without, the path is of the host */
export async function findPlace(
  argument: Exclude<CopyArgument, { kind: 'stdio' }>,
  files: ContainerFiles | undefined,
  cwd: string,
): Promise<Place> {
  const { path } = argument;
  const full = files === undefined ? resolve(cwd, path) : posix.resolve('/', path);
  const find = files === undefined ? findOnHost : (wanted: string) => files.resolve(wanted);
  const real = await find(full);
  const stat = real === undefined ? undefined : statSync(real, { throwIfNoEntry: false });
  const parent = await find(dirname(full));
  const contents = path === '.' || path.endsWith('/.');
  return {
    real: stat === undefined ? undefined : real,
    stat,
    parent: parent !== undefined && isFolder(parent) ? parent : undefined,
    name: basename(full),
    asFolder: contents || path.endsWith('/'),
    contents,
    shown: path,
    where: argument.kind === 'host' ? 'the host' : `container ${argument.ref}`,
  };
}

async function findOnHost(path: string): Promise<string | undefined> {
  try {
    return realpathSync(path);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.code === Code.NotFound || error.reason === 'ENOTDIR') return undefined;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What is there. */
export interface Found extends Place {
  readonly real: string;
  readonly stat: Stats;
}

/** @throws NotFound for a place where nothing is */
export function found(place: Place): Found {
  const { real, stat, shown, where } = place;
  if (real !== undefined && stat !== undefined) return { ...place, real, stat };
  throw new LadingError(
    Code.NotFound,
    `"${shown}" could not be found on ${where}: no such file or directory`,
  );
}

/** Where a copy goes: a folder that is there, and the name that the copy gets in it. */
export interface Target {
  readonly folder: string;
  readonly name: string;
}

/**
 * The rules of `cp`: into a folder that is there, or under a name that is still free.
 *
 * @returns with an empty name when what is in the source goes into the folder itself
 */
export function targetOf(source: Found, to: Place): Target {
  const ofFolder = source.stat.isDirectory();
  if (to.stat?.isDirectory() && to.real !== undefined) {
    const intoIt = ofFolder && (source.contents || source.name === '');
    return { folder: to.real, name: intoIt ? '' : source.name };
  }
  if (to.stat !== undefined && (ofFolder || to.asFolder)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `destination must be a directory when copying a directory: "${to.shown}" is not one`,
    );
  }
  if (to.parent === undefined || (to.asFolder && !ofFolder)) {
    throw new LadingError(
      Code.NotFound,
      `"${to.shown}" could not be found on ${to.where}: no such directory`,
    );
  }
  // What a link names is written to, not the link.
  const real = to.real ?? join(to.parent, to.name);
  return { folder: dirname(real), name: basename(real) };
}
