// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CachedAttachment, createResultCache } from './cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cni-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const entry: CachedAttachment = {
  containerId: 'b-c',
  config: 'e30=',
  ifName: 'eth0',
  networkName: 'a',
  netns: '/run/netns/x',
  cniArgs: [['IgnoreUnknown', '1']],
  capabilityArgs: {},
  result: { cniVersion: '1.0.0' },
};

describe('the cache', () => {
  it('writes what libcni writes, where libcni writes it', async () => {
    await createResultCache(folder).write(entry);
    const path = join(folder, 'results', 'a-b-c-eth0');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ kind: 'cniCacheV1', ...entry });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'results'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'results'))).toEqual(['a-b-c-eth0']);
  });

  it('reads, lists and removes', async () => {
    const cache = createResultCache(folder);
    const key = { network: 'a', containerId: 'b-c', ifName: 'eth0' };
    expect(await cache.list('a')).toEqual([]);
    await cache.write(entry);
    expect(await cache.read(key)).toEqual(entry);
    expect(await cache.list('a')).toEqual([entry]);
    await cache.remove(key);
    await cache.remove(key);
    expect(await cache.read(key)).toBeUndefined();
  });

  it('removes what was being written too', async () => {
    const cache = createResultCache(folder);
    await cache.write(entry);
    await writeFile(join(folder, 'results', '.a-b-c-eth0'), '{');
    expect(await cache.list('a')).toEqual([entry]);
    await cache.remove({ network: 'a', containerId: 'b-c', ifName: 'eth0' });
    expect(await readdir(join(folder, 'results'))).toEqual([]);
  });

  it('does not take the note of another attachment with the same file name', async () => {
    const cache = createResultCache(folder);
    await cache.write(entry);
    expect(await cache.read({ network: 'a-b', containerId: 'c', ifName: 'eth0' })).toBeUndefined();
    expect(await cache.list('a-b')).toEqual([]);
  });

  it.each(['', '{', 'null', '[]', '{"kind":"cniCacheV2"}', '{"kind":"cniCacheV1","result":7}'])(
    'goes on without a note that holds %j',
    async (text) => {
      await mkdir(join(folder, 'results'));
      await writeFile(join(folder, 'results', 'a-b-c-eth0'), text);
      const cache = createResultCache(folder);
      expect(await cache.read({ network: 'a', containerId: 'b-c', ifName: 'eth0' })).toBeUndefined();
      expect(await cache.list('a')).toEqual([]);
    },
  );
});
