// SPDX-License-Identifier: Apache-2.0

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isObject } from './parse-config.ts';

/** What libcni keeps of an attachment, in its own form: other tools can tear down what we set up. */
export interface CachedAttachment {
  readonly containerId: string;
  /** The configuration's bytes in base64. */
  readonly config: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly netns?: string;
  readonly cniArgs: readonly (readonly [string, string])[];
  readonly capabilityArgs: Readonly<Record<string, unknown>>;
  /** The last plugin's result as it printed it. */
  readonly result: Readonly<Record<string, unknown>>;
}

interface CacheKey {
  readonly network: string;
  readonly containerId: string;
  readonly ifName: string;
}

/** The folder of cached results. */
export interface ResultCache {
  read(key: CacheKey): Promise<CachedAttachment | undefined>;
  write(entry: CachedAttachment): Promise<void>;
  remove(key: CacheKey): Promise<void>;
  /** All that is noted of a network. */
  list(network: string): Promise<readonly CachedAttachment[]>;
}

const kind = 'cniCacheV1';

/** One for each note, so that who removes the note finds it; nobody attaches the same interface twice at once. */
function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}`);
}

export function createResultCache(dir: string): ResultCache {
  const pathOf = ({ network, containerId, ifName }: CacheKey): string =>
    join(dir, 'results', `${network}-${containerId}-${ifName}`);
  return {
    async read(key) {
      const found = await readEntry(pathOf(key));
      // Names may hold dashes: two attachments can have one file name.
      const isIt =
        found?.networkName === key.network &&
        found.containerId === key.containerId &&
        found.ifName === key.ifName;
      return isIt ? found : undefined;
    },
    async write(entry) {
      const path = pathOf({
        network: entry.networkName,
        containerId: entry.containerId,
        ifName: entry.ifName,
      });
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      const temporary = temporaryOf(path);
      try {
        await writeFile(temporary, JSON.stringify({ kind, ...entry }), { mode: 0o600 });
        await rename(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async remove(key) {
      const path = pathOf(key);
      // A process that was killed while it wrote has left the other.
      for (const file of [path, temporaryOf(path)]) await rm(file, { force: true });
    },
    async list(network) {
      const folder = join(dir, 'results');
      const names = (await namesIn(folder)).filter((name) => name.startsWith(`${network}-`));
      const found = await Promise.all(names.map((name) => readEntry(join(folder, name))));
      return found.filter((entry) => entry !== undefined).filter((entry) => entry.networkName === network);
    },
  };
}

async function readEntry(path: string): Promise<CachedAttachment | undefined> {
  try {
    return decode(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    // A cache that cannot be read must not keep a pod from being torn down: its plugins cope without.
    if (cause instanceof SyntaxError || hasCode(LadingError.from(cause), Code.NotFound)) return undefined;
    throw LadingError.from(cause);
  }
}

function decode(json: unknown): CachedAttachment | undefined {
  if (!isObject(json) || json.kind !== kind || !isObject(json.result)) return undefined;
  const { containerId, config, ifName, networkName, netns, cniArgs, capabilityArgs, result } = json;
  if (typeof containerId !== 'string' || typeof ifName !== 'string') return undefined;
  if (typeof networkName !== 'string' || typeof config !== 'string') return undefined;
  return {
    containerId,
    config,
    ifName,
    networkName,
    ...(typeof netns === 'string' && { netns }),
    cniArgs: Array.isArray(cniArgs) ? cniArgs.filter(isPair) : [],
    capabilityArgs: isObject(capabilityArgs) ? capabilityArgs : {},
    result,
  };
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((item) => typeof item === 'string');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
}
