// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
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
    ...flags.strings('mount').map((text) => parseMount(text, environment.cwd)),
    ...flags.strings('tmpfs').map(parseTmpfs),
  ];
  const targets = new Set<string>();
  for (const mount of mounts) {
    if (targets.has(mount.target)) throw usageError(`${mount.target}: duplicate mount destination`);
    targets.add(mount.target);
    if (mount.type === 'bind') await checkSource(mount.source);
  }
  return mounts;
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

/** `SOURCE:TARGET[:OPTIONS]`. */
export function parseVolume(text: string, cwd: string): ContainerMount {
  const [source = '', target, options = '', ...rest] = text.split(':');
  if (rest.length > 0 || source === '') throw usageError(`${quote(text)}: invalid volume format`);
  if (target === undefined) {
    throw usageError(`anonymous volumes are not supported yet: use --volume FOLDER:${source}`);
  }
  if (!isAbsolute(source) && !source.startsWith('.')) {
    throw usageError(
      `named volumes are not supported yet: ${quote(source)} must be a path, such as ./${source}`,
    );
  }
  if (!isAbsolute(target))
    throw usageError(`invalid container path ${quote(target)}, must be an absolute path`);
  return bind(resolve(cwd, source), target, options === '' ? [] : options.split(','));
}

function bind(source: string, target: string, words: readonly string[]): ContainerMount {
  const options: string[] = [];
  let readOnly = false;
  for (const word of words) {
    if (word === 'ro' || word === 'rw') readOnly = word === 'ro';
    else if (mountOptions.includes(word)) options.push(word);
    // SELinux labels: there is no SELinux support, and podman ignores them where it is off.
    else if (word !== 'z' && word !== 'Z') throw usageError(`invalid mount option ${quote(word)}`);
  }
  return { type: 'bind', source, target, readOnly, ...(options.length === 0 ? {} : { options }) };
}

/** `type=bind,source=/a,target=/b,ro` or `type=tmpfs,target=/b,tmpfs-size=1m`. */
export function parseMount(text: string, cwd: string): ContainerMount {
  const fields = new Map<string, string | undefined>();
  const words: string[] = [];
  for (const [key, value] of splitPairs(text)) {
    if (['ro', 'readonly'].includes(key)) words.push(value === 'false' ? 'rw' : 'ro');
    else if (key === 'rw') words.push(value === 'false' ? 'ro' : 'rw');
    else if (key === 'bind-propagation' && value !== undefined) words.push(value);
    else if (value === undefined) words.push(key);
    else fields.set(aliases[key] ?? key, value);
  }
  const type = take(fields, 'type') ?? 'bind';
  const target = take(fields, 'target');
  if (target === undefined || !isAbsolute(target)) {
    throw usageError(`${quote(text)}: must set an absolute mount target`);
  }
  if (type === 'bind') {
    const source = take(fields, 'source');
    if (source === undefined) throw usageError(`${quote(text)}: must set a source for a bind mount`);
    rejectOthers(fields);
    return bind(resolve(cwd, source), target, words);
  }
  if (type !== 'tmpfs') throw usageError(`invalid filesystem type ${quote(type)}: use bind or tmpfs`);
  const size = take(fields, 'tmpfs-size');
  const mode = take(fields, 'tmpfs-mode');
  rejectOthers(fields);
  return tmpfs(target, words, size, mode);
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
  for (const word of words) {
    if (word === 'ro' || word === 'rw') readOnly = word === 'ro';
    else if (mountOptions.includes(word)) options.push(word);
    else throw usageError(`invalid mount option ${quote(word)}`);
  }
  return {
    type: 'tmpfs',
    target,
    readOnly,
    ...(size === undefined ? {} : { sizeBytes: parseSize(size) }),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    ...(options.length === 0 ? {} : { options }),
  };
}
