// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addImage,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  podmanFlags,
  readAll,
  testLayer,
  writeLayout,
} from './support.ts';

const name = 'localhost/hello:latest';
let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

describe('an image that Lading adds', () => {
  it('is listed, run, copied byte for byte and removed by podman and skopeo', async () => {
    const layers = [
      await busyboxLayer(),
      await testLayer(async (folder) => {
        // Long names, names that JSON escapes, and sizes around a block.
        for (const size of [0, 511, 512, 513]) {
          await writeFile(join(folder, `${'n'.repeat(120)}<&>é${size}`), 'x'.repeat(size));
        }
      }),
      await fileLayer('hello', 'hello from a layer'),
    ];
    const store = await house.open();
    const image = await addImage(store, name, layers);
    await store.close();

    const listed = await house.podman(
      'images',
      '--no-trunc',
      '--format',
      '{{.ID}} {{.Digest}} {{.Repository}}:{{.Tag}}',
    );
    expect(listed).toBe(`sha256:${image.id} ${image.digest} ${name}`);

    const said = await house.podman('run', '--rm', ...podmanFlags, name, 'cat', '/hello');
    expect(said).toBe('hello from a layer');
    expect(await store.containers.list()).toEqual([]);

    const folder = join(house.root, 'copy');
    await house.skopeo('copy', '-q', `containers-storage:${house.transport}${name}`, `dir:${folder}`);
    for (const { bytes, diffId } of layers) {
      expect(readFileSync(join(folder, diffId.slice(7))).equals(bytes)).toBe(true);
    }

    await house.podman('rmi', name);
    expect(await store.images.list()).toEqual([]);
    expect(await store.layers.list()).toEqual([]);
    expect(readdirSync(join(house.graphRoot, 'overlay/l'))).toEqual([]);
  });

  it('is inspected and built on by buildah, and is not deleted while podman has it mounted', async () => {
    const store = await house.open();
    const image = await addImage(store, name, [await busyboxLayer(), await fileLayer('a')]);
    const inspected = JSON.parse(await house.podman('image', 'inspect', name));
    expect(inspected[0]).toMatchObject({ Id: image.id, Digest: image.digest, RepoTags: [name] });

    const merged = await house.podman('image', 'mount', name);
    expect(readFileSync(join(merged, 'a'), 'utf8')).toBe('a');
    await expect(store.images.delete(image.id)).rejects.toMatchObject({ reason: 'IMAGE_IN_USE' });
    await house.podman('image', 'umount', name);

    const container = await house.buildah('from', '--pull-never', '--name', 'work', name);
    await house.buildah('config', '--label', 'by=buildah', container);
    await house.buildah('commit', '-q', container, 'localhost/built:latest');
    await house.buildah('rm', container);
    const built = await store.images.find('localhost/built:latest');
    const config = JSON.parse(Buffer.from(await store.images.readConfig(built?.id ?? '')).toString());
    expect(config.config.Labels).toMatchObject({ by: 'buildah' });
    expect((await store.images.delete(built?.id ?? '')).length).toBeLessThanOrEqual(1);
    expect(await store.images.delete(image.id)).toHaveLength(2);
  });

  it('can be the base of a container that podman keeps, and then cannot be deleted', async () => {
    const store = await house.open();
    const image = await addImage(store, name, [await busyboxLayer()]);
    const id = await house.podman('create', '--name', 'web', ...podmanFlags, name, 'sh');
    expect((await store.containers.find('web'))?.id).toBe(id);
    await expect(store.images.delete(image.id)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'IMAGE_IN_USE',
      message: expect.stringContaining('web'),
    });
    await house.podman('rm', 'web');
    expect(await store.images.delete(image.id)).toEqual([image.topLayer]);
    expect(await house.podman('images', '-q')).toBe('');
  });
});

describe('an image that skopeo copies in', () => {
  it('is listed, read, mounted and deleted by Lading', async () => {
    const layers = [await busyboxLayer(), await fileLayer('a'), await fileLayer('b')];
    const layout = join(house.root, 'layout');
    const made = await writeLayout(layout, layers);
    await house.skopeo('copy', '-q', `oci:${layout}:test`, `containers-storage:${house.transport}${name}`);

    const store = await house.open();
    const image = await store.images.find(name);
    expect(image).toMatchObject({ id: made.id, digest: made.digest, names: [name] });
    expect(Buffer.from(await store.images.readManifest(made.id))).toEqual(Buffer.from(made.manifest));
    expect(Buffer.from(await store.images.readConfig(made.id))).toEqual(Buffer.from(made.config));
    const records = await store.layers.list();
    expect(records.map(({ diffDigest }) => diffDigest).sort()).toEqual(
      layers.map(({ diffId }) => diffId).sort(),
    );
    for (const { id, diffDigest } of records) {
      const bytes = layers.find(({ diffId }) => diffId === diffDigest)?.bytes ?? Buffer.alloc(0);
      expect((await readAll(store.layers.open(id))).equals(bytes)).toBe(true);
    }
    // What the other tool has put in is what Lading would put in.
    const again = await addImage(store, 'localhost/again:latest', layers);
    expect([again.id, again.names, (await store.layers.list()).length]).toEqual([
      made.id,
      ['localhost/again:latest', name],
      3,
    ]);

    const container = await store.containers.create({ imageId: made.id, names: ['web'] });
    const merged = await store.containers.mount('web');
    expect(
      ['a', 'b', 'etc/passwd'].map((path) => readFileSync(join(merged, path), 'utf8').slice(0, 4)),
    ).toEqual(['a', 'b', 'root']);
    await writeFile(join(merged, 'written'), 'x');
    expect(await house.podman('ps', '-a', '--external', '--format', '{{.Names}}')).toContain('web');
    await store.containers.delete(container.id);
    expect(await store.images.delete(made.id)).toHaveLength(3);
    expect(await house.podman('images', '-aq')).toBe('');
  });

  it('has records that Lading writes back as they were', async () => {
    const layout = join(house.root, 'layout');
    await writeLayout(layout, [await fileLayer('a')]);
    await house.skopeo('copy', '-q', `oci:${layout}:test`, `containers-storage:${house.transport}${name}`);
    const file = (path: string): string => readFileSync(join(house.graphRoot, path), 'utf8');
    const before = ['overlay-layers/layers.json', 'overlay-images/images.json'].map(file);
    const store = await house.open();
    const image = await store.images.find(name);
    const container = await store.containers.create({ imageId: image?.id ?? '' });
    await store.containers.delete(container.id);
    await store.images.addName(image?.id ?? '', name);
    expect(['overlay-layers/layers.json', 'overlay-images/images.json'].map(file)).toEqual(before);
  });
});

describe('a container that Lading has mounted', () => {
  it('stays mounted when another tool opens and closes the store', async () => {
    const store = await house.open();
    const image = await addImage(store, name, [await busyboxLayer()]);
    const { id } = await store.containers.create({ imageId: image.id });
    const merged = await store.containers.mount(id);
    await house.buildah('images');
    await house.podman('images');
    expect(house.mounts()).toContain(merged);
    expect(readdirSync(merged)).toContain('bin');
    await store.containers.unmount(id);
    await store.close();
    expect(house.mounts()).toEqual([]);
  });

  it('can be mounted again after another tool has taken the mount of the folder away', async () => {
    const store = await house.open();
    const image = await addImage(store, name, [await busyboxLayer()]);
    const { id } = await store.containers.create({ imageId: image.id });
    await store.containers.mount(id);
    await store.containers.unmount(id);
    await house.buildah('images');
    const merged = await store.containers.mount(id);
    await house.buildah('images');
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay'), merged]);
    await store.containers.delete(id);
  });

  it('counts with podman', async () => {
    const store = await house.open();
    await addImage(store, name, [await busyboxLayer()]);
    const id = await house.podman('create', '--name', 'web', ...podmanFlags, name, 'sh');
    const merged = await store.containers.mount(id);
    expect(await house.podman('mount', 'web')).toBe(merged);
    await store.containers.unmount(id);
    expect(house.mounts()).toContain(merged);
    await house.podman('umount', 'web');
    expect(house.mounts()).not.toContain(merged);
    await house.podman('rm', 'web');
  });
});
