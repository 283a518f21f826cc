// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { readMounts } from '@lading/linux';
import { afterEach, describe, expect, it } from 'vitest';
import { addLayer } from '../src/add-layer.ts';
import { layerFolder } from '../src/layer-folder.ts';
import { openLayerLedger } from '../src/layer-ledger.ts';
import { makePaths } from '../src/paths.ts';
import { emptyRecord, layerFormat } from '../src/record-json.ts';
import { addImage, busyboxLayer, fileLayer, type House, openHouse, readJson } from './support.ts';

let house: House;
afterEach(() => house.close());

/** Layers with a file each, put in place without being unpacked; gives the uppermost one's id. */
async function stack(count: number): Promise<string> {
  const paths = makePaths(house);
  let parent: string | undefined;
  await openLayerLedger(paths).writing(undefined, async (layers) => {
    for (let index = 0; index < count; index += 1) {
      const id = index.toString(16).padStart(64, '0');
      const record = layerFormat.decode({ id, created: '2026-01-01T00:00:00Z' }, 'new');
      await addLayer(paths, layers, { ...record, ...emptyRecord(id, record.created), parent });
      writeFileSync(join(layerFolder(paths, id), 'diff', `file${index}`), '');
      parent = id;
    }
  });
  return parent ?? '';
}

const optionsOf = (target: string): readonly string[] =>
  readMounts().find((entry) => entry.target === target)?.superOptions ?? [];

describe('a container of many layers', () => {
  it.each([1, 30, 100, 499])('has the files of all %i', async (count) => {
    house = await openHouse();
    const layer = await stack(count);
    const store = await house.open();
    const { id } = await store.containers.create({ layer });
    const merged = await store.containers.mount(id);
    expect(readdirSync(merged)).toHaveLength(count);
    writeFileSync(join(merged, 'own'), 'x');
    await store.containers.unmount(id);
    expect(readdirSync(merged)).toEqual([]);
    expect(readFileSync(join(await store.containers.mount(id), 'own'), 'utf8')).toBe('x');
    await store.containers.delete(id);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });

  it('is refused when there are more than the kernel stacks', async () => {
    house = await openHouse();
    const layer = await stack(500);
    const store = await house.open();
    const { id } = await store.containers.create({ layer });
    expect(readdirSync(await store.containers.mount(id))).toHaveLength(500);
    await store.containers.delete(id);
    const paths = makePaths(house);
    const record = layerFormat.decode(
      { id: 'b'.repeat(64), parent: layer, created: '2026-01-01T00:00:00Z' },
      'new',
    );
    await openLayerLedger(paths).writing(undefined, (layers) => addLayer(paths, layers, record));
    await expect(store.containers.create({ layer: record.id })).rejects.toMatchObject({
      code: Code.FailedPrecondition,
    });
    expect(await store.containers.list()).toEqual([]);
    expect(await store.layers.list()).toHaveLength(501);
  });
});

describe('roots with odd names', () => {
  it.each(['a:b', 'a,b', 'a\\b', 'with blank é', 'l'.repeat(120)])('work: %j', async (name) => {
    house = await openHouse(name);
    const layer = await stack(40);
    const store = await house.open();
    const { id } = await store.containers.create({ layer });
    const merged = await store.containers.mount(id);
    expect(readdirSync(merged)).toHaveLength(40);
    writeFileSync(join(merged, 'own'), 'x');
    expect(existsSync(join(merged, '../diff/own'))).toBe(true);
    await store.containers.delete(id);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });
});

describe('a mount', () => {
  it('ends with the last of as many unmounts, or with one by force', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id } = await store.containers.create({});
    const merged = await store.containers.mount(id);
    expect(await store.containers.mount(id)).toBe(merged);
    expect(await readJson(join(house.runRoot, 'overlay-layers/mountpoints.json'))).toEqual([
      { id: (await store.containers.find(id))?.layer, path: merged, count: 2 },
    ]);
    await store.containers.unmount(id);
    expect(house.mounts()).toContain(merged);
    await store.containers.unmount(id);
    expect(house.mounts()).not.toContain(merged);
    await store.containers.unmount(id);
    await store.containers.mount(id);
    await store.containers.mount(id);
    await store.containers.unmount(id, { force: true });
    expect(house.mounts()).not.toContain(merged);
    expect(await readJson(join(house.runRoot, 'overlay-layers/mountpoints.json'))).toEqual([]);
  });

  it('begins to count anew when it is gone without a word, and counts one that was not noted', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id, layer } = await store.containers.create({});
    const file = join(house.runRoot, 'overlay-layers/mountpoints.json');
    writeFileSync(file, JSON.stringify([{ id: layer, path: '/gone', count: 7 }]));
    const path = await store.containers.mount(id);
    expect(await readJson(file)).toEqual([{ id: layer, path, count: 1 }]);
    writeFileSync(file, '[]');
    await store.containers.mount(id);
    expect(await readJson(file)).toEqual([{ id: layer, path, count: 1 }]);
    await store.containers.unmount(id);
    expect(house.mounts()).not.toContain(path);
  });

  it('keeps the home mounted for others until the last is gone', async () => {
    house = await openHouse();
    const [one, two] = [await house.open(), await house.open()];
    const { id } = await one.containers.create({});
    await one.containers.mount(id);
    await one.close();
    expect(house.mounts()).toHaveLength(2);
    await two.containers.unmount(id);
    await two.close();
    expect(house.mounts()).toEqual([]);
    await two.close();
  });

  it('is alone with skip_mount_home: the home is no mount', async () => {
    house = await openHouse();
    const store = await house.open({ homeMount: false });
    const { id } = await store.containers.create({});
    const merged = await store.containers.mount(id);
    expect(house.mounts()).toEqual([merged]);
    await store.containers.unmount(id);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });

  it('has the options of the store', async () => {
    house = await openHouse();
    const store = await house.open({ mountOptions: ['nodev', 'metacopy=on'] });
    const { id } = await store.containers.create({ layer: await stack(2) });
    const target = await store.containers.mount(id);
    expect(optionsOf(target)).toContain('metacopy=on');
    expect(readMounts().find((entry) => entry.target === target)?.options).toContain('nodev');
  });

  it('of a volatile container keeps its writes in memory, and can be mounted again', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id } = await store.containers.create({ layer: await stack(1), flags: { Volatile: true } });
    const target = await store.containers.mount(id);
    expect(optionsOf(target).join()).toMatch(/\bvolatile\b/);
    await store.containers.unmount(id);
    // The kernel leaves this, and refuses to mount while it is there.
    expect(existsSync(join(target, '../work/work/incompat/volatile'))).toBe(true);
    expect(await store.containers.mount(id)).toBe(target);
  });

  it('is taken away with what is mounted in the folders of a container that is deleted', async () => {
    house = await openHouse();
    const store = await house.open();
    const image = await addImage(store, 'localhost/a:1', [await busyboxLayer(), await fileLayer('a')]);
    const { id } = await store.containers.create({ imageId: image.id });
    const merged = await store.containers.mount(id);
    const { mount } = await import('@lading/linux');
    mkdirSync(join(store.containers.directory(id), 'shm'));
    mount({ type: 'tmpfs', target: join(store.containers.directory(id), 'shm') });
    mount({ type: 'tmpfs', target: join(merged, 'tmp') });
    await store.containers.delete(id);
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay')]);
    expect(existsSync(join(store.containers.directory(id), '..'))).toBe(false);
    expect(existsSync(join(store.containers.runDirectory(id), '..'))).toBe(false);
  });

  it('has the options of the container in place of those of the store, and is volatile unless the store is not', async () => {
    house = await openHouse();
    const flags = { MountOpts: ['nosuid'], Volatile: true, MountLabel: '' };
    const store = await house.open({ mountOptions: ['nodev'] });
    const { id } = await store.containers.create({ layer: await stack(2), flags });
    const merged = await store.containers.mount(id);
    const entry = readMounts().find(({ target }) => target === merged);
    expect(entry?.options).toContain('nosuid');
    expect(entry?.options).not.toContain('nodev');
    const marker = join(merged, '../work/work/incompat/volatile');
    expect(existsSync(marker)).toBe(true);
    await store.containers.unmount(id);
    const plain = await house.open({ volatileMounts: false });
    await plain.containers.mount(id);
    expect(existsSync(marker)).toBe(false);
  });

  it('whose count is too high because its maker died ends with one unmount', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id, layer } = await store.containers.create({});
    const file = join(house.runRoot, 'overlay-layers/mountpoints.json');
    writeFileSync(file, JSON.stringify([{ id: layer, path: join(layer, 'merged'), count: 7 }]));
    await store.containers.unmount(id);
    expect(await readJson(file)).toEqual([]);
  });
});

describe('an image', () => {
  it.each([1, 3])('of %i layers is mounted for reading only, and not deleted meanwhile', async (count) => {
    house = await openHouse();
    const store = await house.open();
    const files = Array.from({ length: count }, (_none, index) => `file${index}`);
    const layers = await Promise.all(files.map((name) => fileLayer(name)));
    const { id } = await addImage(store, 'localhost/many:1', layers);
    const merged = await store.images.mount(id);
    expect(await store.images.mount(id)).toBe(merged);
    expect(readdirSync(merged).sort()).toEqual(files.sort());
    expect(() => writeFileSync(join(merged, 'x'), '')).toThrow(/EROFS/);
    await expect(store.images.delete(id)).rejects.toMatchObject({ reason: 'IMAGE_IN_USE' });
    await store.images.unmount(id);
    expect(house.mounts()).toContain(merged);
    await store.images.unmount(id);
    expect(house.mounts()).not.toContain(merged);
    await store.images.mount(id);
    await store.images.delete(id, { force: true });
    expect(await store.layers.list()).toEqual([]);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });

  it('is mounted and unmounted by podman and Lading in turns', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id } = await addImage(store, 'localhost/shared:1', [await busyboxLayer(), await fileLayer('a')]);
    const merged = await store.images.mount(id);
    expect(await house.podman('image', 'mount', 'localhost/shared:1')).toBe(merged);
    await store.images.unmount(id);
    expect(house.mounts()).toContain(merged);
    await house.podman('image', 'umount', 'localhost/shared:1');
    expect(house.mounts()).not.toContain(merged);
    expect(await house.podman('image', 'mount', 'localhost/shared:1')).toBe(merged);
    await store.images.unmount(id, { force: true });
    expect(house.mounts()).not.toContain(merged);
  });

  it('without layers cannot be mounted', async () => {
    house = await openHouse();
    const store = await house.open();
    const { id } = await addImage(store, 'localhost/none:1', []);
    await expect(store.images.mount(id)).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });
});
