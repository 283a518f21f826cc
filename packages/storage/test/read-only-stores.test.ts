// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRecord, Store } from '../src/index.ts';
import {
  addImage,
  addLayers,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  readAll,
  type TestLayer,
} from './support.ts';

const name = 'localhost/shared:1';
let house: House;
let other: House;
let store: Store;
let image: ImageRecord;
let base: readonly TestLayer[];
beforeEach(async () => {
  other = await openHouse();
  house = await openHouse();
  const source = await other.open();
  base = [await busyboxLayer(), await fileLayer('a')];
  image = await addImage(source, name, base);
  store = await house.open({ additionalImageStores: [other.graphRoot, '/nowhere/at/all'] });
});
afterEach(async () => {
  await house.close();
  await other.close();
});

describe('an image of a store that is only read', () => {
  it('is listed, found and read', async () => {
    expect(await store.images.list()).toEqual([{ ...image, readOnly: true }]);
    for (const ref of [name, image.id, image.id.slice(0, 12), image.digest ?? '']) {
      expect(await store.images.find(ref)).toMatchObject({ id: image.id, readOnly: true });
    }
    expect((await store.images.readManifest(image.id)).length).toBeGreaterThan(0);
    expect(await store.images.size(image.id)).toBeGreaterThan(1e6);
    const layers = await store.layers.list();
    expect(layers.map(({ readOnly }) => readOnly)).toEqual([true, true]);
    expect((await readAll(store.layers.open(image.topLayer ?? ''))).length).toBe(layers.at(-1)?.diffSize);
  });

  it('is mounted outside of its store, and below containers', async () => {
    const merged = await store.images.mount(image.id);
    expect(merged.startsWith(house.runRoot)).toBe(true);
    expect(readdirSync(merged)).toContain('a');
    await store.images.unmount(image.id);
    expect(house.mounts()).not.toContain(merged);
    const { id } = await store.containers.create({ imageId: image.id });
    const rootfs = await store.containers.mount(id);
    writeFileSync(join(rootfs, 'a'), 'changed');
    const changes: string[] = [];
    for await (const { kind, path } of store.containers.changes(id)) changes.push(`${kind} ${path}`);
    expect(changes).toEqual(['modified /a']);
    await store.containers.delete(id);
    await store.close();
    expect([...house.mounts(), ...other.mounts()]).toEqual([]);
  });

  it('is the parent of new layers, and its own are not fetched again', async () => {
    const layers = [...base, await fileLayer('b')];
    const records = await addLayers(store, layers);
    expect(records.map(({ readOnly }) => readOnly)).toEqual([true, true, undefined]);
    const upper = await addImage(store, 'localhost/upper:1', layers);
    const merged = await store.images.mount(upper.id);
    expect(readdirSync(merged).sort()).toEqual(expect.arrayContaining(['a', 'b', 'bin']));
    await store.images.unmount(upper.id);
    expect(await store.images.delete(upper.id)).toEqual([records[2]?.id]);
    expect(await store.images.list()).toHaveLength(1);
  });

  it('cannot be changed or deleted, and gets a name by being copied', async () => {
    const changes = [() => store.images.delete(image.id), () => store.images.removeName(image.id, name)];
    for (const change of changes) {
      await expect(change()).rejects.toMatchObject({
        code: Code.FailedPrecondition,
        reason: 'IMAGE_READ_ONLY',
      });
    }
    const before = readFileSync(join(other.graphRoot, 'overlay-images/images.json'), 'utf8');
    const copy = await store.images.addName(image.id, 'localhost/own:1');
    expect(copy).toMatchObject({ names: ['localhost/own:1', name], topLayer: image.topLayer });
    expect(copy.readOnly).toBeUndefined();
    expect(await store.images.readManifest(image.id)).toEqual(
      await (await other.open()).images.readManifest(image.id),
    );
    expect(await store.images.delete(image.id)).toEqual([]);
    expect((await store.images.find(name))?.readOnly).toBe(true);
    expect(readFileSync(join(other.graphRoot, 'overlay-images/images.json'), 'utf8')).toBe(before);
  });

  it('is that of a container of podman, which Lading mounts', async () => {
    const option = ['--storage-opt', `overlay.imagestore=${other.graphRoot}`];
    const flags = ['--network', 'none', '--ulimit', 'nofile=1024:1024'];
    await house.podman(...option, 'create', '--name', 'web', ...flags, name);
    const merged = await store.containers.mount('web');
    expect(existsSync(join(merged, 'a'))).toBe(true);
    await store.containers.unmount('web');
    const made = await store.containers.create({ imageId: image.id, names: ['ours'] });
    expect(await house.podman(...option, 'ps', '-a', '--external', '--format', '{{.Names}}')).toContain(
      'ours',
    );
    await house.podman(...option, 'rm', 'web');
    await store.containers.delete(made.id);
  });
});
