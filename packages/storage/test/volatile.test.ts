// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addImage, fileLayer, type House, openHouse, readJson } from './support.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const inGraph = (path: string): string => join(house.graphRoot, path);
const inRun = (path: string): string => join(house.runRoot, path);
async function idsIn(path: string): Promise<unknown[]> {
  const records = await readJson(path);
  return Array.isArray(records) ? records.map(({ id }) => id) : [];
}

describe('with volatileRecords', () => {
  it('a volatile container and its layer are in files of their own, and stay there', async () => {
    const store = await house.open({ volatileRecords: true });
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    const flags = { Volatile: true };
    const one = await store.containers.create({ imageId: image.id, names: ['one'], flags });
    const other = await store.containers.create({ imageId: image.id, names: ['other'] });
    await store.containers.edit('one', { metadata: 'changed' });
    await store.containers.setBigData('one', 'key', Buffer.from('value'));
    expect(await idsIn(inGraph('overlay-containers/volatile-containers.json'))).toEqual([one.id]);
    expect(await idsIn(inGraph('overlay-containers/containers.json'))).toEqual([other.id]);
    expect(await idsIn(inGraph('overlay-layers/volatile-layers.json'))).toEqual([one.layer]);
    expect(await idsIn(inGraph('overlay-layers/layers.json'))).toEqual([image.topLayer, other.layer]);

    // Who does not write so reads it all the same.
    const plain = await house.open();
    expect(await plain.containers.find('one')).toMatchObject({ id: one.id, metadata: 'changed' });
    await expect(plain.images.delete(image.id)).rejects.toMatchObject({ reason: 'IMAGE_IN_USE' });
    expect(existsSync(join(await plain.containers.mount('one'), 'a'))).toBe(true);
    await plain.containers.create({ imageId: image.id, names: ['third'], flags });
    await plain.containers.delete('one');
    expect(await idsIn(inGraph('overlay-containers/volatile-containers.json'))).toEqual([]);
    expect(await idsIn(inGraph('overlay-layers/volatile-layers.json'))).toEqual([]);
    expect((await store.containers.list()).map(({ names }) => names[0])).toEqual(['other', 'third']);
    expect(await Array.fromAsync(store.check())).toEqual([]);
  });

  it('a name is taken, whichever file its container is in', async () => {
    const store = await house.open({ volatileRecords: true });
    await store.containers.create({ names: ['one'], flags: { Volatile: true } });
    await expect(store.containers.create({ names: ['one'] })).rejects.toMatchObject({
      reason: 'NAME_IN_USE',
    });
    expect(await store.layers.list()).toHaveLength(1);
  });
});

describe('a transient store', () => {
  it('has the records and the lock of its containers in the run root, and all are volatile', async () => {
    const store = await house.open({ transientStore: true });
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    const made = await store.containers.create({ imageId: image.id });
    expect(made.flags.Volatile).toBe(true);
    expect(await idsIn(inRun('overlay-containers/volatile-containers.json'))).toEqual([made.id]);
    expect(await idsIn(inRun('overlay-layers/volatile-layers.json'))).toEqual([made.layer]);
    expect(await idsIn(inGraph('overlay-layers/layers.json'))).toEqual([image.topLayer]);
    expect(existsSync(inRun('overlay-containers/containers.lock'))).toBe(true);
    expect(readdirSync(inGraph('overlay-containers'))).toEqual([made.id]);
    expect(existsSync(inRun('overlay-layers/layers.lock'))).toBe(false);
    expect(await Array.fromAsync(store.check())).toEqual([]);
    await store.containers.delete(made.id);
    expect(await idsIn(inRun('overlay-containers/volatile-containers.json'))).toEqual([]);
  });

  it('has forgotten its containers after a reboot, and what they left is garbage', async () => {
    const before = await house.open({ transientStore: true });
    const image = await addImage(before, 'localhost/a:1', [await fileLayer('a')]);
    const made = await before.containers.create({ imageId: image.id, names: ['one'] });
    await before.close();
    await rm(house.runRoot, { recursive: true });

    const store = await house.open({ transientStore: true });
    expect(await store.containers.list()).toEqual([]);
    expect((await store.layers.list()).map(({ id }) => id)).toEqual([image.topLayer]);
    const { paths } = await store.collectGarbage();
    expect(paths).toEqual(
      expect.arrayContaining([inGraph(`overlay/${made.layer}`), inGraph(`overlay-containers/${made.id}`)]),
    );
    expect(readdirSync(inGraph('overlay-containers'))).toEqual([]);
    expect(existsSync(inGraph(`overlay/${made.layer}`))).toBe(false);
    expect(await Array.fromAsync(store.check())).toEqual([]);
    await store.containers.create({ imageId: image.id, names: ['one'] });
  });
});
