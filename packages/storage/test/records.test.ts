// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/index.ts';
import { addImage, busyboxLayer, chunksOf, fileLayer, type House, openHouse, sha256 } from './support.ts';

const name = 'localhost/hello:latest';
let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

describe('records', () => {
  it('of images are edited, and podman sees the names', async () => {
    const { id } = await addImage(store, name, [await busyboxLayer()]);
    const other = await addImage(store, 'localhost/other:1', [await fileLayer('a')]);
    const names = ['localhost/new:2', 'localhost/other:1'];
    const edited = await store.images.edit(id, {
      names,
      metadata: '{"a":1}',
      flags: { kept: true, gone: 1 },
    });
    expect(edited).toMatchObject({ names, metadata: '{"a":1}', flags: { kept: true, gone: 1 } });
    expect(edited.namesHistory).toEqual([...names, name]);
    expect((await store.images.find(other.id))?.names).toEqual([]);
    expect((await store.images.edit(id, { flags: { gone: undefined } })).flags).toEqual({ kept: true });
    expect(await house.podman('image', 'inspect', '--format', '{{.RepoTags}}', id)).toBe(
      `[${names.join(' ')}]`,
    );
    await house.podman('tag', id, 'localhost/tagged:3');
    expect(await store.images.find(id)).toMatchObject({
      names: [...names, 'localhost/tagged:3'],
      metadata: '{"a":1}',
      flags: { kept: true },
    });
    await expect(store.images.edit(id, { names: ['no tag'] })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('of containers and layers are edited, and a name belongs to one', async () => {
    const [one, two] = [
      await store.containers.create({ names: ['one'] }),
      await store.containers.create({ names: ['two'] }),
    ];
    const edited = await store.containers.edit('one', { names: ['new', 'one'], metadata: 'm' });
    expect(edited).toMatchObject({ id: one.id, names: ['new', 'one'], metadata: 'm', flags: one.flags });
    await expect(store.containers.edit('new', { names: ['two'] })).rejects.toMatchObject({
      reason: 'NAME_IN_USE',
      details: { id: two.id },
    });
    await store.layers.edit(one.layer, { names: ['new-layer'] });
    await expect(store.layers.edit(two.layer, { names: ['new-layer'] })).rejects.toMatchObject({
      reason: 'NAME_IN_USE',
    });
    await expect(store.layers.edit(two.layer, { flags: { incomplete: true } })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    expect((await store.containers.edit('new', { metadata: '' })).metadata).toBeUndefined();
  });
});

describe('big data', () => {
  it('is kept with images, containers and layers, replaced, and deleted with them', async () => {
    const { id, topLayer = '' } = await addImage(store, name, [await busyboxLayer()]);
    const container = await store.containers.create({ imageId: id });
    const [first, second] = [Buffer.from('first'), Buffer.from('second one')];
    for (const bytes of [first, second]) {
      const image = await store.images.setBigData(id, 'signatures', bytes);
      expect([image.bigDataSizes.signatures, image.bigDataDigests.signatures]).toEqual([
        bytes.length,
        sha256(bytes),
      ]);
      await store.containers.setBigData(container.id, 'State.json', bytes);
      await store.layers.setBigData(topLayer, 'toc', bytes);
    }
    const found = [
      await store.images.bigData(id, 'signatures'),
      await store.containers.bigData(container.id, 'State.json'),
      await store.layers.bigData(topLayer, 'toc'),
    ];
    expect(found).toEqual([second, second, second]);
    expect(await store.layers.bigData(topLayer, 'other')).toBeUndefined();
    await expect(store.images.setBigData(id, '', first)).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    for await (const fault of store.check()) expect(fault).toBeUndefined();
    expect(await house.podman('image', 'inspect', '--format', '{{.Id}}', name)).toBe(id);
    await store.containers.delete(container.id);
    await store.images.delete(id);
    const left = ['overlay-images', 'overlay-containers', 'overlay-layers'].flatMap((folder) =>
      readdirSync(join(house.graphRoot, folder)).filter((entry) => /^[0-9a-f]{64}/.test(entry)),
    );
    expect(left).toEqual([]);
  });

  it('that is a manifest makes the image found by its digest', async () => {
    const { id } = await addImage(store, name, [await fileLayer('a')]);
    const manifest = Buffer.from('{"schemaVersion":2}');
    await store.images.setBigData(id, `manifest-${sha256(manifest)}`, manifest);
    expect((await store.images.find(sha256(manifest)))?.id).toBe(id);
  });
});

describe('a layer that several want at once', () => {
  it('is fetched by one of them', async () => {
    const { bytes, diffId } = await fileLayer('a');
    const stores = [store, await house.open(), await house.open()];
    let fetched = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      fetched += 1;
      yield* chunksOf(bytes, 100);
    }
    const ids = await Promise.all(
      stores.map(({ layers }) => layers.add(source(), { expectedDiffId: diffId })),
    );
    expect([new Set(ids.map(({ id }) => id)).size, fetched]).toEqual([1, 1]);
    expect(readdirSync(join(house.runRoot, 'overlay-locks'))).toEqual([]);
  });

  it('is claimed until the claim ends, or the signal does', async () => {
    const id = 'a'.repeat(64);
    const claim = await store.layers.claim(id);
    const waiting = store.layers.claim(id, { signal: AbortSignal.timeout(20) });
    await expect(waiting).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    const next = store.layers.claim(id);
    await claim[Symbol.asyncDispose]();
    await claim[Symbol.asyncDispose]();
    await (await next)[Symbol.asyncDispose]();
    await expect(store.layers.claim('../x')).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});
