// SPDX-License-Identifier: Apache-2.0
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { MediaType } from '@lading/image-spec';
import { type CollectGarbageOptions, createRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { kinds, openWorld, sha256, type World } from './world.ts';

const isThere = async ({ ask }: World, path: string) => (await ask('HEAD', `/v2/${path}`)).status === 200;

/** What went, as `kind digest`. */
const collect = async ({ server }: World, options: CollectGarbageOptions = {}) =>
  (await server.collectGarbage({ olderThanMs: 0, ...options }))
    .map(({ kind, repository, digest }) => `${kind} ${repository} ${digest}`)
    .sort();

describe.each(kinds)('garbage of a registry $name', ({ onFolder }) => {
  it('is blobs that no manifest needs, in each repository of its own', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    const { digest: loose } = await world.put('a', 'loose');
    const { digest: other } = await world.put('b/c', 'other');
    const expected = [`blob a ${loose}`, `blob b/c ${other}`].sort();
    expect(await collect(world, { dryRun: true })).toEqual(expected);
    expect(await isThere(world, `a/blobs/${loose}`)).toBe(true);
    expect(await world.server.collectGarbage({ olderThanMs: 0, dryRun: true })).toContainEqual({
      kind: 'blob',
      repository: 'a',
      digest: loose,
      sizeBytes: 5,
    });
    expect(await collect(world)).toEqual(expected);
    for (const path of [`a/blobs/${loose}`, `b/c/blobs/${other}`]) {
      expect(await isThere(world, path)).toBe(false);
    }
    const config = sha256(JSON.stringify({ os: 'linux', for: 'v1' }));
    for (const path of [`a/manifests/${digest}`, 'a/manifests/v1', `a/blobs/${config}`]) {
      expect(await isThere(world, path)).toBe(true);
    }
    expect(await collect(world)).toEqual([]);
  });

  it('is not what is younger than the grace period', async () => {
    await using world = await openWorld(onFolder);
    await world.put('a', 'loose');
    expect(await collect(world, { olderThanMs: 60_000 })).toEqual([]);
    expect(await world.server.collectGarbage()).toEqual([]);
    expect((await collect(world)).length).toBe(1);
  });

  it('is no manifest, tagged or not, unless untagged ones are asked for', async () => {
    await using world = await openWorld(onFolder);
    const tagged = await world.image('a', 'v1');
    const untagged = await world.image('a', '');
    expect(await collect(world)).toEqual([]);
    const config = sha256(JSON.stringify({ os: 'linux', for: '' }));
    const expected = [`blob a ${config}`, `manifest a ${untagged}`].sort();
    expect(await collect(world, { untagged: true, olderThanMs: 60_000 })).toEqual([]);
    expect(await collect(world, { untagged: true, dryRun: true })).toEqual(expected);
    expect(await isThere(world, `a/manifests/${untagged}`)).toBe(true);
    expect(await collect(world, { untagged: true })).toEqual(expected);
    expect(await isThere(world, `a/manifests/${untagged}`)).toBe(false);
    expect(await isThere(world, `a/blobs/${config}`)).toBe(false);
    expect(await isThere(world, `a/manifests/${tagged}`)).toBe(true);
  });

  it('is not what a tag leads to: images of an index, their referrers, and referrers of those', async () => {
    await using world = await openWorld(onFolder);
    const push = async (reference: string, document: object, type: string) => {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: type, ...document });
      const digest = sha256(text);
      const path = `/v2/a/manifests/${reference === '' ? digest : reference}`;
      expect((await world.ask('PUT', path, text, { 'content-type': type })).status).toBe(201);
      return { mediaType: type, digest, size: text.length };
    };
    const config = await world.put('a', '{}');
    const image = (extra: object) => push('', { config, layers: [], ...extra }, MediaType.ImageManifest);
    const child = await image({ annotations: { name: 'child' } });
    const inner = await push('', { manifests: [child] }, MediaType.ImageIndex);
    await push('all', { manifests: [inner] }, MediaType.ImageIndex);
    const signature = await image({ subject: child, annotations: { name: 'signature' } });
    const countersignature = await image({ subject: signature, annotations: { name: 'countersignature' } });
    expect(await collect(world, { untagged: true })).toEqual([]);
    expect(await isThere(world, `a/manifests/${countersignature.digest}`)).toBe(true);
    // Without its tag all of it goes at once, and with the subject its referrers.
    await world.ask('DELETE', '/v2/a/manifests/all');
    expect((await collect(world, { untagged: true })).length).toBe(6);
    expect(await isThere(world, `a/manifests/${signature.digest}`)).toBe(false);
    const referrers = await world.ask('GET', `/v2/a/referrers/${child.digest}`);
    expect(await referrers.json()).toMatchObject({ manifests: [] });
  });

  it('is what referred to a manifest that was deleted, only when untagged ones are asked for', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    const subject = { mediaType: MediaType.ImageManifest, digest, size: 1 };
    const signature = await world.image('a', '', { subject });
    const tagged = await world.image('a', 'kept', { subject });
    await world.ask('DELETE', `/v2/a/manifests/${digest}`);
    await collect(world);
    expect(await isThere(world, `a/manifests/${signature}`)).toBe(true);
    expect(await collect(world, { untagged: true })).toContain(`manifest a ${signature}`);
    expect(await isThere(world, `a/manifests/${tagged}`)).toBe(true);
  });

  it('is the same after a collection as before for what other repositories share', async () => {
    await using world = await openWorld(onFolder);
    const { digest } = await world.put('a', 'shared');
    expect((await world.ask('POST', `/v2/b/blobs/uploads/?mount=${digest}&from=a`)).status).toBe(201);
    const config = { mediaType: MediaType.ImageConfig, digest, size: 6 };
    await world.image('b', 'v1', { config });
    expect(await collect(world)).toContain(`blob a ${digest}`);
    expect(await (await world.ask('GET', `/v2/b/blobs/${digest}`)).text()).toBe('shared');
  });

  it('ends between repositories when it is told to', async () => {
    await using world = await openWorld(onFolder);
    await world.put('a', 'loose');
    const signal = AbortSignal.abort();
    await expect(collect(world, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(await isThere(world, `a/blobs/${sha256('loose')}`)).toBe(true);
  });

  it('is never what is being pushed, however often it is collected', { timeout: 120_000 }, async () => {
    await using world = await openWorld(onFolder);
    let pushing = true;
    const collector = (async () => {
      for (; pushing; await setImmediate()) {
        await world.server.collectGarbage({ olderThanMs: 30_000, untagged: true });
      }
    })();
    const push = async (pusher: number) => {
      for (let image = 0; image < 25; image++) {
        const tag = `t${pusher}-${image}`;
        const digest = await world.image('a', tag);
        // Deleting and pushing the same again is what a collector is most easily confused by.
        if (image % 3 === 0) await world.ask('DELETE', `/v2/a/manifests/${digest}`);
        if (image % 3 === 0) expect(await world.image('a', tag)).toBe(digest);
        const text = await (await world.ask('GET', `/v2/a/manifests/${tag}`)).text();
        expect(sha256(text)).toBe(digest);
        const { config } = JSON.parse(text) as { config: { digest: string } };
        expect(await isThere(world, `a/blobs/${config.digest}`)).toBe(true);
      }
    };
    try {
      await Promise.all([0, 1, 2].map(push));
    } finally {
      pushing = false;
      await collector;
    }
  });
});

describe('garbage of a registry on a folder', () => {
  const aged = async ({ root }: World, digest: string) => {
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000);
    const path = join(root ?? '', 'a/_layout/blobs', digest.replace(':', '/'));
    await utimes(path, twoDaysAgo, twoDaysAgo);
  };

  it.each([
    ['asked for by HEAD', (world: World, digest: string) => world.ask('HEAD', `/v2/a/blobs/${digest}`)],
    ['pushed again', (world: World) => world.put('a', 'old')],
    [
      'mounted where it is already',
      (world: World, digest: string) => world.ask('POST', `/v2/a/blobs/uploads/?mount=${digest}`),
    ],
  ])('is no old blob that was %s', async (_, use) => {
    await using world = await openWorld(true);
    const { digest } = await world.put('a', 'old');
    await aged(world, digest);
    expect((await world.server.collectGarbage({ dryRun: true })).length).toBe(1);
    await use(world, digest);
    expect(await world.server.collectGarbage()).toEqual([]);
  });

  it('is no old blob that a pusher was told is there, at whatever moment', { timeout: 120_000 }, async () => {
    await using world = await openWorld(true);
    for (let round = 0; round < 5; round++) {
      const texts = Array.from({ length: 300 }, (_, number) => `blob ${round} ${number}`);
      await world.put('a', 'first');
      for (const text of texts) {
        await writeFile(join(world.root ?? '', 'a/_layout/blobs', sha256(text).replace(':', '/')), text);
        await aged(world, sha256(text));
      }
      const collecting = world.server.collectGarbage();
      const told: string[] = [];
      const waiting = texts.map(sha256);
      const pusher = async () => {
        for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
          if (await isThere(world, `a/blobs/${digest}`)) told.push(digest);
        }
      };
      await Promise.all([pusher(), pusher(), pusher(), pusher()]);
      const gone = await collecting;
      expect(gone.length + told.length).toBe(300);
      for (const digest of told) expect(await isThere(world, `a/blobs/${digest}`)).toBe(true);
    }
  });

  it('can be collected without serving it', async () => {
    await using world = await openWorld(true);
    const { digest } = await world.put('a', 'loose');
    await world.server.close();
    const registry = await createRegistry({ root: world.root });
    try {
      expect(await registry.collectGarbage({ olderThanMs: 0 })).toMatchObject([{ digest }]);
    } finally {
      await registry.close();
    }
  });
});
