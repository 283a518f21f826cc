// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerMount } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { splitPairs } from './key-value.ts';
import { parseSize } from './size.ts';

/** All of `--volume`, `--mount` and `--tmpfs`. */
export async function readMountFlags({ flags, environment }: CommandCall): Promise<ContainerMount[]> {
  const mounts = [
    ...flags.strings('volume').map((text) => parseVolume(text, environment.cwd)),
    ...flags.strings('mount').flatMap((text) => parseMount(text, environment.cwd)),
    ...flags.strings('tmpfs').map(parseTmpfs),
  ];
  const byTarget = new Map<string, ContainerMount>();
  for (const mount of mounts) {
    const other = byTarget.get(mount.target);
    // The same thing twice is no contradiction.
    if (other !== undefined && !isDeepStrictEqual(other, mount)) {
      throw usageError(`${mount.target}: duplicate mount destination`);
    }
    byTarget.set(mount.target, mount);
    if (mount.type === 'bind') await checkSource(mount.source);
  }
  const memory =
    flags.boolean('read-only') && flags.boolean('read-only-tmpfs') ? ['/run', '/tmp', '/var/tmp'] : [];
  const more = memory.filter((target) => !byTarget.has(target)).map(parseTmpfs);
  return [...more, ...byTarget.values()];
}

async function checkSource(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (reason) {
    const error = LadingError.from(reason);
    if (!hasCode(error, Code.NotFound)) throw error;
    throw new LadingError(Code.NotFound, `statfs ${path}: no such file or directory`, { cause: reason });
  }
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
const mountOptions = ['exec', 'noexec', 'dev', 'nodev', 'suid', 'nosuid', 'bind', 'rbind', ...propagations];

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** `[SOURCE:]TARGET[:OPTIONS]`; a source that is no path is the name of a volume. */
export function parseVolume(text: string, cwd: string): ContainerMount {
  const [first = '', second, options = '', ...rest] = text.split(':');
  if (rest.length > 0 || first === '') throw usageError(`${quote(text)}: invalid volume format`);
  const [source, target] = second === undefined ? [undefined, first] : [first, second];
  if (!isAbsolute(target))
    throw usageError(`invalid container path ${quote(target)}, must be an absolute path`);
  const words = options === '' ? [] : options.split(',');
  if (source !== undefined && /^[./~]/.test(source)) return bind(resolve(cwd, source), target, words);
  return volume(source, target, words);
}

interface MountWords {
  readonly readOnly: boolean;
  readonly changeOwner?: true;
  readonly overlay?: true;
  readonly noCopy?: true;
  readonly options?: readonly string[];
}

/** The words after a mount. */
function readWords(words: readonly string[]): MountWords {
  const options: string[] = [];
  const found = new Set<string>();
  let readOnly = false;
  for (const word of words) {
    if (word === 'ro' || word === 'rw') readOnly = word === 'ro';
    else if (word === 'U' || word === 'O' || word === 'nocopy') found.add(word);
    else if (mountOptions.includes(word)) options.push(word);
    // SELinux labels: there is no SELinux support, and podman ignores them where it is off.
    else if (word !== 'z' && word !== 'Z' && word !== 'copy')
      throw usageError(`invalid mount option ${quote(word)}`);
  }
  if (words.includes('ro') && words.includes('rw')) {
    throw usageError(`invalid mount options ${quote(words.join(','))}: give ro or rw, not both`);
  }
  return {
    readOnly,
    ...(found.has('U') && { changeOwner: true as const }),
    ...(found.has('O') && { overlay: true as const }),
    ...(found.has('nocopy') && { noCopy: true as const }),
    ...(options.length > 0 && { options }),
  };
}

function bind(source: string, target: string, words: readonly string[]): ContainerMount {
  const { noCopy, ...rest } = readWords(words);
  if (noCopy) throw usageError('invalid mount option "nocopy": it is for volumes');
  return { type: 'bind', source, target, ...rest };
}

function volume(name: string | undefined, target: string, words: readonly string[]): ContainerMount {
  if (name !== undefined && !volumeName.test(name)) {
    throw usageError(
      `${quote(name)} is neither a path nor the name of a volume: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`,
    );
  }
  return { type: 'volume', ...(name !== undefined && { name }), target, ...readWords(words) };
}

/** `type=bind,source=/a,target=/b,ro`, `type=tmpfs,target=/b,tmpfs-size=1m`, and volume, image and glob so. */
export function parseMount(text: string, cwd: string): readonly ContainerMount[] {
  const fields = new Map<string, string | undefined>();
  const words: string[] = [];
  for (const [key, value] of splitPairs(text)) {
    if (['ro', 'readonly'].includes(key)) words.push(value === 'false' ? 'rw' : 'ro');
    else if (key === 'rw') words.push(value === 'false' ? 'ro' : 'rw');
    else if (key === 'bind-propagation' && value !== undefined) words.push(value);
    else if ((key === 'U' || key === 'chown') && value !== 'false') words.push('U');
    // SELinux, which is not there.
    else if (key === 'relabel' || key === 'consistency') continue;
    else if (value === undefined) words.push(key);
    else fields.set(aliases[key] ?? key, value);
  }
  const typeGiven = take(fields, 'type');
  const target = take(fields, 'target');
  const source = take(fields, 'source');
  // Of a volume, as with docker, but for what can be no volume.
  const type = typeGiven ?? (source !== undefined && /^[./]/.test(source) ? 'bind' : 'volume');
  if (type === 'glob') {
    if (source === undefined) throw usageError(`${quote(text)}: must set a source for a glob mount`);
    rejectOthers(fields);
    return globMounts(resolve(cwd, source), target, words);
  }
  if (target === undefined || !isAbsolute(target)) {
    throw usageError(`${quote(text)}: must set an absolute mount target`);
  }
  switch (type) {
    case 'bind':
      if (source === undefined) throw usageError(`${quote(text)}: must set a source for a bind mount`);
      rejectOthers(fields);
      return [bind(resolve(cwd, source), target, words)];
    case 'volume':
      rejectOthers(fields);
      return [volume(source, target, words)];
    case 'image': {
      if (source === undefined) throw usageError(`${quote(text)}: must set a source for an image mount`);
      const subPath = take(fields, 'subpath');
      rejectOthers(fields);
      if (words.includes('rw')) throw usageError(`${quote(text)}: an image is mounted for reading only`);
      return [{ type: 'image', source, target, ...(subPath === undefined ? {} : { subPath }) }];
    }
    case 'tmpfs': {
      if (source !== undefined) throw usageError(`${quote(text)}: a tmpfs has no source`);
      const size = take(fields, 'tmpfs-size');
      const mode = take(fields, 'tmpfs-mode');
      rejectOthers(fields);
      return [tmpfs(target, words, size, mode)];
    }
    default:
      throw usageError(`invalid filesystem type ${quote(type)}: use bind, volume, tmpfs, image or glob`);
  }
}

/** Every file that matches, at its own path or below the target. */
function globMounts(
  pattern: string,
  target: string | undefined,
  words: readonly string[],
): readonly ContainerMount[] {
  const paths = globSync(pattern).sort();
  if (paths.length === 0) throw usageError(`no file paths matching glob ${quote(pattern)}`);
  return paths.map((path) => bind(path, target === undefined ? path : join(target, basename(path)), words));
}

const aliases: Readonly<Record<string, string>> = { src: 'source', dst: 'target', destination: 'target' };

function take(fields: Map<string, string | undefined>, key: string): string | undefined {
  const value = fields.get(key);
  fields.delete(key);
  return value;
}

function rejectOthers(fields: ReadonlyMap<string, unknown>): void {
  for (const key of fields.keys()) throw usageError(`${key}: invalid mount option`);
}

/** `TARGET[:OPTIONS]` with tmpfs's own options: `/run:size=1m,mode=755,ro`. */
export function parseTmpfs(text: string): ContainerMount {
  const colon = text.indexOf(':');
  const target = colon === -1 ? text : text.slice(0, colon);
  if (!isAbsolute(target))
    throw usageError(`invalid container path ${quote(target)}, must be an absolute path`);
  const pairs = colon === -1 ? [] : splitPairs(text.slice(colon + 1));
  const words = pairs.filter(([, value]) => value === undefined).map(([key]) => key);
  const fields = new Map(pairs.filter(([, value]) => value !== undefined));
  const size = take(fields, 'size');
  const mode = take(fields, 'mode');
  rejectOthers(fields);
  return tmpfs(target, words, size, mode);
}

function tmpfs(
  target: string,
  words: readonly string[],
  size: string | undefined,
  mode: string | undefined,
): ContainerMount {
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode)) throw usageError(`invalid mode ${quote(mode)}`);
  const options: string[] = [];
  let readOnly = false;
  // The runtime fills it with what the image has there, as with podman.
  let copyUp = true;
  for (const word of words) {
    if (word === 'ro' || word === 'rw') readOnly = word === 'ro';
    else if (word === 'tmpcopyup' || word === 'notmpcopyup') copyUp = word === 'tmpcopyup';
    else if (mountOptions.includes(word)) options.push(word);
    else throw usageError(`invalid mount option ${quote(word)}`);
  }
  return {
    type: 'tmpfs',
    target,
    readOnly,
    ...(size === undefined ? {} : { sizeBytes: parseSize(size) }),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    ...(options.length === 0 && !copyUp ? {} : { options: [...options, ...(copyUp ? ['tmpcopyup'] : [])] }),
  };
}
