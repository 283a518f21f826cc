// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRecord, Store } from '../src/index.ts';
import {
  addImage,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  podmanFlags,
  readAll,
  readJson,
  type TestLayer,
} from './support.ts';

const name = 'localhost/apart:1';
let house: House;
let images: string;
let store: Store;
let base: readonly TestLayer[];
beforeEach(async () => {
  house = await openHouse();
  images = join(house.root, 'images');
  base = [await busyboxLayer(), await fileLayer('a')];
  store = await house.open({ imageStore: images });
});
afterEach(() => house.close());

const ids = (folder: string): string[] =>
  readdirSync(folder)
    .filter((entry) => entry.length === 64)
    .sort();
const idsIn = async (path: string): Promise<string[]> => {
  const records = existsSync(path) ? await readJson(path) : [];
  if (!Array.isArray(records)) throw new Error(`${path} is no list`);
  return records.map(({ id }) => String(id)).sort();
};
const faultsOf = async (): Promise<string[]> =>
  (await Array.fromAsync(store.check())).map(({ message }) => message);
const layersOf = async (): Promise<string[]> => (await store.layers.list()).map(({ id }) => id).sort();

/** With the store of images as one that is only read, which is all that podman 4 knows. */
const podman = (...args: string[]): Promise<string> =>
  house.podman('--storage-opt', `overlay.imagestore=${images}`, ...args);

describe('a store whose images are apart', () => {
  it('has images and their layers there, and containers, archives and mounts in the graph root', async () => {
    const image = await addImage(store, name, base);
    const { id, layer } = await store.containers.create({ imageId: image.id });
    const layers = (await layersOf()).filter((other) => other !== layer);
    const { graphRoot, runRoot } = house;
    expect(layers).toHaveLength(2);
    expect(ids(join(images, 'overlay'))).toEqual(layers);
    expect(readdirSync(join(images, 'overlay/l'))).toHaveLength(2);
    expect(await idsIn(join(images, 'overlay-layers/layers.json'))).toEqual(layers);
    expect(await idsIn(join(images, 'overlay-images/images.json'))).toEqual([image.id]);
    expect(ids(join(images, 'overlay-images'))).toEqual([image.id]);
    expect(ids(join(graphRoot, 'overlay'))).toEqual([layer]);
    expect(await idsIn(join(graphRoot, 'overlay-layers/layers.json'))).toEqual([layer]);
    expect(await idsIn(join(graphRoot, 'overlay-containers/containers.json'))).toEqual([id]);
    const files = readdirSync(join(graphRoot, 'overlay-layers'));
    expect(files.filter((file) => file.endsWith('.tar-split.gz')).sort()).toEqual(
      layers.map((other) => `${other}.tar-split.gz`),
    );
    for (const lock of [images, graphRoot].map((root) => join(root, 'overlay-layers/layers.lock'))) {
      expect(statSync(lock).size).toBe(64);
    }
    expect(await store.containers.mount(id)).toBe(join(graphRoot, 'overlay', layer, 'merged'));
    const merged = await store.images.mount(image.id);
    expect(merged).toBe(join(runRoot, 'overlay', image.topLayer ?? '', 'merged'));
    expect(readFileSync(join(merged, 'a'), 'utf8')).toBe('a');
    expect(await faultsOf()).toEqual([]);
    await store.images.unmount(image.id);
    await store.containers.delete(id);
    await store.images.delete(image.id);
    expect([await layersOf(), ids(join(images, 'overlay')), readdirSync(join(images, 'overlay/l'))]).toEqual([
      [],
      [],
      [],
    ]);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });

  it('commits a container, and gives every layer back byte for byte', async () => {
    const image = await addImage(store, name, base);
    const { id } = await store.containers.create({ imageId: image.id });
    writeFileSync(join(await store.containers.mount(id), 'new'), 'new');
    const layer = await store.containers.commit(id);
    expect(ids(join(images, 'overlay'))).toContain(layer.id);
    const [, top] = base;
    expect(await readAll(store.layers.open(image.topLayer ?? ''))).toEqual(Buffer.from(top?.bytes ?? []));
    expect((await readAll(store.layers.open(layer.id))).length).toBe(layer.diffSize);
    expect((await store.containers.size(id)).rootfsBytes).toBeGreaterThan(1e6);
    expect(await store.images.size(image.id)).toBeGreaterThan(1e6);
    expect(await faultsOf()).toEqual([]);
  });

  it('keeps copies with other owners with the image, and that of a lone layer with the container', async () => {
    await store.close();
    store = await house.open({ imageStore: images, idMappedMounts: false });
    const image = await addImage(store, name, base);
    const map = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const maps = { uidMap: map, gidMap: map };
    const one = await store.containers.create({ imageId: image.id, ...maps });
    const two = await store.containers.create({ layer: image.topLayer ?? '', ...maps });
    expect(ids(join(images, 'overlay'))).toHaveLength(3);
    expect(ids(join(house.graphRoot, 'overlay'))).toEqual([one.layer, two.layer].sort());
    for (const { id } of [one, two]) {
      const { uid } = statSync(join(await store.containers.mount(id), 'bin/busybox'));
      expect(uid).toBe(100_000);
    }
    expect(await faultsOf()).toEqual([]);
    for (const { id } of [one, two]) await store.containers.delete(id);
    await store.images.delete(image.id);
    expect(ids(join(images, 'overlay'))).toEqual([]);
  });

  it('serves podman: its images are listed and run, and containers of both sides are in the graph root', async () => {
    const image = await addImage(store, name, base);
    const { id } = await store.containers.create({ imageId: image.id, names: ['ladings'] });
    expect(await podman('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe(name);
    expect(await podman('run', ...podmanFlags, '--name', 'podmans', name, 'cat', '/a')).toBe('a');
    expect(await podman('ps', '--all', '--external', '--format', '{{.Names}}')).toMatch(/ladings/);
    const names = (await store.containers.list()).flatMap((container) => container.names).sort();
    expect(names).toEqual(['ladings', 'podmans']);
    expect(await faultsOf()).toEqual([]);
    await podman('rm', 'podmans');
    await store.containers.delete(id);
    expect(await layersOf()).toHaveLength(2);
    // On its own, the other root is a store as any other.
    const other = ['--root', images, '--runroot', join(house.root, 'run2'), '--storage-driver', 'overlay'];
    const alone = (...args: string[]): Promise<string> => house.podman(...other, ...args);
    expect(
      await alone('run', ...podmanFlags, '--rm', '--cgroup-manager', 'cgroupfs', name, 'cat', '/a'),
    ).toBe('a');
  });

  it('is the same for a second graph root on the same images', async () => {
    const image = await addImage(store, name, base);
    const second = await openHouse();
    try {
      const other = await second.open({ imageStore: images });
      expect((await other.images.list()).map(({ id }) => id)).toEqual([image.id]);
      const { id } = await other.containers.create({ imageId: image.id });
      expect(readdirSync(await other.containers.mount(id))).toContain('a');
      // The archives are with the root through which the image came, and nobody is to remove it for that.
      const faults = await Array.fromAsync(other.check());
      expect(faults.map(({ kind, remedy }) => [kind, remedy])).toEqual([
        ['layer-tar-split', 'none'],
        ['layer-tar-split', 'none'],
      ]);
      expect((await other.repair()).removed).toEqual({ containers: [], images: [], layers: [] });
      await other.containers.delete(id);
      const more = await addImage(other, 'localhost/more:1', [...base, await fileLayer('b')]);
      expect(await store.images.find(more.id)).toMatchObject({ id: more.id });
    } finally {
      await second.close();
    }
  });

  it('is not one with the graph root', async () => {
    await expect(house.open({ imageStore: house.graphRoot })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('need not be named as a store that is only read, which would be in its own way', async () => {
    const again = await house.open({ imageStore: images, additionalImageStores: [images, house.graphRoot] });
    const image = await addImage(again, name, base);
    expect(await again.images.list()).toEqual([image]);
    expect((await again.layers.list()).map(({ readOnly }) => readOnly)).toEqual([undefined, undefined]);
  });
});

describe('images that the graph root had before', () => {
  let before: ImageRecord;
  beforeEach(async () => {
    const whole = await house.open();
    before = await addImage(whole, 'localhost/before:1', base);
    await whole.close();
  });

  it('are found, run and mounted where they are, and share layers with new ones', async () => {
    const image = await addImage(store, name, [...base, await fileLayer('b')]);
    expect(ids(join(house.graphRoot, 'overlay'))).toHaveLength(2);
    expect(ids(join(images, 'overlay'))).toEqual([image.topLayer]);
    expect((await store.images.list()).map(({ id }) => id).sort()).toEqual([before.id, image.id].sort());
    const { id } = await store.containers.create({ imageId: image.id });
    expect(readdirSync(await store.containers.mount(id))).toEqual(expect.arrayContaining(['a', 'b', 'bin']));
    expect(readdirSync(await store.images.mount(before.id))).toContain('a');
    expect((await store.images.readManifest(before.id)).length).toBeGreaterThan(0);
    await store.images.addName(before.id, 'localhost/before:2');
    expect(await store.images.find('localhost/before:2')).toMatchObject({ id: before.id });
    expect(await idsIn(join(images, 'overlay-images/images.json'))).toEqual([image.id]);
    expect(await faultsOf()).toEqual([]);
  });

  it('are deleted with the layers that no image of either root needs', async () => {
    const image = await addImage(store, name, [...base, await fileLayer('b')]);
    expect(await store.images.delete(before.id)).toEqual([]);
    expect(await store.images.delete(image.id)).toHaveLength(3);
    for (const root of [images, house.graphRoot]) {
      expect([ids(join(root, 'overlay')), ids(join(root, 'overlay-images'))]).toEqual([[], []]);
      expect(await idsIn(join(root, 'overlay-layers/layers.json'))).toEqual([]);
    }
    expect(await faultsOf()).toEqual([]);
  });

  it('are deleted in both roots when both have a record', async () => {
    // As other tools leave it, which make a record in the store of images.
    const graphImages = join(house.graphRoot, 'overlay-images');
    const record = readFileSync(join(graphImages, 'images.json'));
    await addImage(store, name, [await fileLayer('c')]);
    const own = await readJson(join(images, 'overlay-images/images.json'));
    const both = JSON.stringify([...(Array.isArray(own) ? own : []), ...JSON.parse(record.toString())]);
    writeFileSync(join(images, 'overlay-images/images.json'), both);
    mkdirSync(join(images, 'overlay-images', before.id));
    for (const file of readdirSync(join(graphImages, before.id))) {
      const bytes = readFileSync(join(graphImages, before.id, file));
      writeFileSync(join(images, 'overlay-images', before.id, file), bytes);
    }
    expect((await store.images.list()).filter(({ id }) => id === before.id)).toHaveLength(1);
    expect(await faultsOf()).toEqual([]);
    await store.images.delete(before.id);
    expect((await store.images.list()).map(({ names }) => names)).toEqual([[name]]);
    expect([ids(graphImages), await idsIn(join(graphImages, 'images.json'))]).toEqual([[], []]);
  });
});

describe('check and repair where images are apart', () => {
  it('find and remove what belongs to no record, in both roots', async () => {
    // Lists that say of nothing what is there.
    const whole = await house.open();
    const gone = await addImage(whole, name, base);
    await whole.images.delete(gone.id);
    await addImage(store, name, base);
    const stray = 'f'.repeat(64);
    const paths = [
      join(images, 'overlay', stray),
      join(images, 'overlay-images', stray),
      join(house.graphRoot, 'overlay', stray),
      join(house.graphRoot, 'overlay-images', stray),
      join(house.graphRoot, 'overlay-layers', stray),
    ];
    for (const path of paths) mkdirSync(path);
    const link = join(images, 'overlay/l', 'A'.repeat(26));
    writeFileSync(link, '');
    expect((await Array.fromAsync(store.check())).map(({ path }) => path).sort()).toEqual(
      [...paths, link].sort(),
    );
    expect([...(await store.collectGarbage()).paths].sort()).toEqual([...paths, link].sort());
    expect(await faultsOf()).toEqual([]);
  });

  it('write all lists of records anew, each in its root', async () => {
    const image = await addImage(store, name, base);
    const { layer } = await store.containers.create({ imageId: image.id });
    const layers = await layersOf();
    for (const file of ['overlay-layers/layers.json', 'overlay-images/images.json']) {
      rmSync(join(images, file));
    }
    const report = await store.repair();
    expect(report.removed).toEqual({ containers: [], images: [], layers: [] });
    expect(await layersOf()).toEqual(layers);
    expect(await idsIn(join(images, 'overlay-layers/layers.json'))).toEqual(
      layers.filter((id) => id !== layer),
    );
    expect(await idsIn(join(house.graphRoot, 'overlay-layers/layers.json'))).toEqual([layer]);
    expect((await store.images.list()).map(({ id }) => id)).toEqual([image.id]);
    expect(await faultsOf()).toEqual([]);
  });

  it('mend links and lists of the layers below, and remove a layer whose files were changed', async () => {
    const image = await addImage(store, name, base);
    const top = image.topLayer ?? '';
    const folder = join(images, 'overlay', top);
    rmSync(join(images, 'overlay/l'), { recursive: true });
    mkdirSync(join(images, 'overlay/l'));
    rmSync(join(folder, 'lower'));
    await store.repair();
    expect(await faultsOf()).toEqual([]);
    writeFileSync(join(folder, 'diff/a'), 'other');
    const { removed } = await store.repair();
    expect(removed.images).toEqual([image.id]);
    expect(ids(join(images, 'overlay'))).toEqual([]);
    expect(await faultsOf()).toEqual([]);
  });
});
