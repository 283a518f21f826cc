// SPDX-License-Identifier: Apache-2.0
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import type { Script } from 'node:vm';
import { createFileReader } from './file-reader.ts';

/** What V8 compiled of a program's files, kept from run to run: of `main*.js` for all commands, of the rest for each. */
export interface CodeCache {
  /** Holds until the next is read. The first that is no `main*.js` is that of the command. */
  read(name: string): Buffer | undefined;
  loaded(name: string, script: Script): void;
}

const unusedMs = 30 * 24 * 3600 * 1000;

/**
 * The cache of a program in `parent`, or none where it cannot be trusted. Node's own compile cache keeps what is compiled before
 * a file runs, which leaves out nearly all functions, and lies where another user may have put it: V8 takes
 * whatever it is given for the code of a file of that length. So the name has the build and Node's version, and
 * the folder must be ours.
 */
export function openCodeCache(parent: string, build: string): CodeCache | undefined {
  const place = `${parent}/${build}-${process.version}-${process.arch}`;
  const owner = process.geteuid?.();
  let isThere = false;
  try {
    const { uid, mode } = lstatSync(place);
    if (uid !== owner || (mode & 0o170022) !== 0o040000) return undefined;
    isThere = true;
  } catch {
    // The first run makes it.
  }
  const scripts = new Map<string, Script>();
  let isNew = !isThere;
  let command: string | undefined;
  // All that is in a file's cache is read in, and no two commands use the same of what they share.
  const pathOf = (name: string): string => {
    if (name.startsWith('main')) return name;
    command ??= name;
    return `${command}/${name}`;
  };
  process.once('exit', () => {
    // V8 does not tell whether it has compiled more than before, and to ask for the size of it takes a while.
    if (!isNew && Math.random() > 1 / 16) return;
    try {
      keep(parent, place, command ?? '', scripts, isNew);
    } catch {
      // A full disk or one that cannot be written costs the next run its cache, and this one nothing.
    }
  });
  const readInto = createFileReader();
  return {
    read: (name) => (isThere ? ifThere(() => readInto(`${place}/${pathOf(name)}`)) : undefined),
    loaded(name, script) {
      scripts.set(pathOf(name), script);
      if (script.cachedDataRejected !== false) isNew = true;
    },
  };
}

/** Where the caches of a program are, if anywhere. Root's is where no user's environment leads. */
export function codeCachesOf(
  program: string,
  { NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv,
  user: number | undefined = process.geteuid?.(),
): string | undefined {
  if (NODE_DISABLE_COMPILE_CACHE) return undefined;
  if (user === 0) return `/var/cache/${program}`;
  const caches = XDG_CACHE_HOME || (HOME ? `${HOME}/.cache` : undefined);
  return caches?.startsWith('/') ? `${caches}/${program}` : undefined;
}

/** With what earlier runs have compiled, as that is part of scripts that were made from it. */
function keep(
  parent: string,
  place: string,
  command: string,
  scripts: ReadonlyMap<string, Script>,
  isNew: boolean,
): void {
  const { getHeapCodeStatistics } = createRequire(__filename)('node:v8') as typeof import('node:v8');
  const size = getHeapCodeStatistics().bytecode_and_metadata_size;
  if (!isNew && size <= Number(ifThere(() => readFileSync(`${place}/${command}/size`, 'latin1')) ?? 0) * 1.02)
    return;
  mkdirSync(`${place}/${command}`, { recursive: true, mode: 0o700 });
  for (const [name, script] of scripts) write(`${place}/${name}`, script.createCachedData());
  write(`${place}/${command}/size`, String(size));
  for (const name of readdirSync(parent)) {
    const other = `${parent}/${name}`;
    if (other !== place && Date.now() - statSync(other).mtimeMs > unusedMs) {
      rmSync(other, { recursive: true, force: true });
    }
  }
}

function write(path: string, data: string | Buffer): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, data, { mode: 0o600 });
  renameSync(temporary, path);
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
