// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isObject } from './parse-config.ts';

/** What libcni keeps of an attachment, in its own form: other tools can tear down what we set up. */
export interface CachedAttachment {
  readonly kind: 'cniCacheV1';
  readonly containerId: string;
  /** The configuration's bytes in base64. */
  readonly config: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly netns: string;
  readonly cniArgs: readonly (readonly [string, string])[];
  readonly capabilityArgs: Readonly<Record<string, unknown>>;
  /** The last plugin's result as it printed it. */
  readonly result: Readonly<Record<string, unknown>>;
}

export interface CacheKey {
  readonly network: string;
  readonly containerId: string;
  readonly ifName: string;
}

/** The folder of cached results. */
export interface ResultCache {
  read(key: CacheKey): Promise<CachedAttachment | undefined>;
  write(entry: CachedAttachment): Promise<void>;
  remove(key: CacheKey): Promise<void>;
}

export function createResultCache(dir: string): ResultCache {
  const pathOf = ({ network, containerId, ifName }: CacheKey): string =>
    join(dir, 'results', `${network}-${containerId}-${ifName}`);
  return {
    async read(key) {
      try {
        const json: unknown = JSON.parse(await readFile(pathOf(key), 'utf8'));
        return isObject(json) && json.kind === 'cniCacheV1' && isObject(json.result)
          ? (json as object as CachedAttachment)
          : undefined;
      } catch (cause) {
        // A cache that cannot be read must not keep a pod from being torn down: its plugins cope without.
        if (cause instanceof SyntaxError || hasCode(LadingError.from(cause), Code.NotFound)) return undefined;
        throw LadingError.from(cause);
      }
    },
    async write(entry) {
      const path = pathOf({
        network: entry.networkName,
        containerId: entry.containerId,
        ifName: entry.ifName,
      });
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      const temporary = `${path}.${randomBytes(6).toString('hex')}`;
      await writeFile(temporary, JSON.stringify(entry), { mode: 0o600, flag: 'wx' });
      await rename(temporary, path);
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
  };
}
