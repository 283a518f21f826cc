// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { getXattr, mount, setXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRecord, IdMapping, ImageRecord, Store } from '../src/index.ts';
import {
  addImage,
  busyboxLayer,
  type House,
  openHouse,
  podmanFlags,
  readAll,
  sha256,
  testLayer,
} from './support.ts';

const mapTo = (hostId: number): { uidMap: readonly IdMapping[]; gidMap: readonly IdMapping[] } => {
  const map = [{ containerId: 0, hostId, size: 65_536 }];
  return { uidMap: map, gidMap: map };
};
const maps = mapTo(100_000);
const podmanMaps = ['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536'];
const name = 'localhost/hello:latest';
/** cap_net_raw, permitted and effective, as setcap writes it. */
const capabilities = Buffer.from('0100000200200000000000000000000000000000', 'hex');
let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open({ idMappedMounts: false });
});
afterEach(() => house.close());

/** One of each kind of file that a change of owners could harm. */
async function addFiles(to: Store = store): Promise<ImageRecord> {
  const files = await testLayer(async (folder) => {
    const path = (child: string): string => join(folder, child);
    mkdirSync(path('data'));
    writeFileSync(path('data/file'), 'text');
    writeFileSync(path('setuid'), 'x');
    chmodSync(path('setuid'), 0o6755);
    writeFileSync(path('capable'), 'x');
    setXattr(path('capable'), 'security.capability', capabilities);
    linkSync(path('data/file'), path('data/second'));
    linkSync(path('data/file'), path('third'));
    symlinkSync('/etc/passwd', path('link'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/data/`), Buffer.from([0xff, 0xfe])]), 'odd');
  });
  return addImage(to, name, [await busyboxLayer(), files]);
}

const owners = (path: string): readonly number[] => {
  const { uid, gid } = lstatSync(path);
  return [uid, gid];
};
const folderOf = (id: string | undefined, child: string): string =>
  join(house.graphRoot, 'overlay', id ?? '', child);
const copiesOf = async (image: ImageRecord): Promise<readonly string[]> =>
  (await store.images.find(image.id))?.mappedLayers ?? [];
const create = (image: ImageRecord, more: object = {}): Promise<ContainerRecord> =>
  store.containers.create({ imageId: image.id, ...maps, ...more });
const faults = async (): Promise<readonly string[]> => {
  const found = await Array.fromAsync(store.check({ unreferencedAgeMs: 0 }));
  return found.map(({ message }) => message);
};
/** What the Go library keeps of a probe of the kernel; with this podman makes copies as well. */
function hidePodmanMaps(): void {
  mkdirSync(join(house.runRoot, 'overlay'), { recursive: true });
  writeFileSync(join(house.runRoot, 'overlay/idmapped-lower-dir-false'), 'a test says so');
}

describe('where the kernel does not map the layers below', () => {
  it('a container with mapped ids is on top of a copy of the image, which the image names', async () => {
    const image = await addFiles();
    const made = await create(image, { names: ['web'] });
    const [copy] = await copiesOf(image);
    const original = await store.layers.get(image.topLayer ?? '');
    expect(await store.layers.get(copy ?? '')).toMatchObject({
      ...maps,
      parent: original?.parent,
      diffDigest: original?.diffDigest,
      uidSet: [0],
    });
    expect(await store.layers.get(made.layer)).toMatchObject({ ...maps, parent: copy });
    expect(readdirSync(folderOf(copy, '')).toSorted()).toEqual(
      ['diff', 'diff1', 'link', 'lower', 'lower-layers', 'merged', 'work'].toSorted(),
    );
    const merged = await store.containers.mount('web');
    for (const path of ['', 'data', 'data/file', 'data/second', 'third', 'setuid', 'link', 'bin/busybox']) {
      expect([path, ...owners(join(merged, path))]).toEqual([path, 100_000, 100_000]);
      expect([
        path,
        ...owners(join(folderOf(image.topLayer, 'diff'), path === 'bin/busybox' ? '' : path)),
      ]).toEqual([path, 0, 0]);
    }
    expect(lstatSync(join(merged, 'setuid')).mode & 0o7777).toBe(0o6755);
    expect(getXattr(join(merged, 'capable'), 'security.capability')).toEqual(capabilities);
    expect(readFileSync(join(merged, 'third'), 'utf8')).toBe('text');
    const copied = ['data/file', 'data/second', 'third'].map((path) =>
      lstatSync(join(folderOf(copy, 'diff1'), path)),
    );
    expect(new Set(copied.map(({ ino }) => ino)).size).toBe(1);
    expect(copied[0]?.nlink).toBe(3);
    const times = [folderOf(copy, 'diff1'), folderOf(image.topLayer, 'diff')].map((folder) =>
      lstatSync(join(folder, 'data'), { bigint: true }),
    );
    expect(times[0]?.mtimeNs).toBe(times[1]?.mtimeNs);
    // Nothing is left mounted but the container.
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay'), merged]);
    expect(readdirSync(join(house.graphRoot, 'overlay/tempdirs'))).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('the next one with the same maps uses the same copy, also when both are made at once', async () => {
    const image = await addFiles();
    const other = await house.open({ idMappedMounts: false });
    const made = await Promise.all([
      create(image),
      other.containers.create({ imageId: image.id, ...maps }),
      create(image, mapTo(300_000)),
    ]);
    const parents = await Promise.all(made.map(async ({ layer }) => (await store.layers.get(layer))?.parent));
    expect(parents[0]).toBe(parents[1]);
    expect(parents[2]).not.toBe(parents[0]);
    expect([...(await copiesOf(image))].toSorted()).toEqual([...new Set(parents)].toSorted());
  });

  it('what it changed has the ids that it sees, and a commit is on top of the image', async () => {
    const image = await addFiles();
    await create(image, { names: ['web'] });
    const merged = await store.containers.mount('web');
    writeFileSync(join(merged, 'data/new'), 'new');
    chownSync(join(merged, 'data/new'), 101_000, 100_007);
    const changes: string[] = [];
    for await (const { kind, path } of store.containers.changes('web')) changes.push(`${kind} ${path}`);
    expect(changes.toSorted()).toEqual(['added /data/new', 'modified /data']);
    const commit = await store.containers.commit('web');
    expect(commit).toMatchObject({ parent: image.topLayer, uidSet: [0, 1000], gidSet: [0, 7] });
    expect(owners(join(folderOf(commit.id, 'diff'), 'data/new'))).toEqual([1000, 7]);
    await store.layers.delete(commit.id);
    const plain = await store.containers.create({ imageId: image.id });
    const sizes = await Promise.all(['web', plain.id].map((ref) => store.containers.size(ref)));
    expect(sizes[0]).toMatchObject({ writableBytes: 3, rootfsBytes: sizes[1]?.rootfsBytes });
    expect(await faults()).toEqual([]);
  });

  it('the copy leaves the store byte for byte, and goes with the image', async () => {
    const image = await addFiles();
    const { id } = await create(image);
    const [copy = ''] = await copiesOf(image);
    expect(sha256(await readAll(store.layers.open(copy)))).toBe((await store.layers.get(copy))?.diffDigest);
    await expect(store.layers.delete(copy)).rejects.toMatchObject({ reason: 'LAYER_IN_USE' });
    await store.containers.delete(id);
    expect(await store.images.delete(image.id)).toHaveLength(3);
    expect(await store.layers.list()).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('keeps what the copy is on top of while a container needs it, though the image is deleted by force', async () => {
    const image = await addFiles();
    const made = await create(image);
    await store.images.delete(image.id, { force: true });
    expect(readFileSync(join(await store.containers.mount(made.id), 'bin/busybox')).length).toBeGreaterThan(
      0,
    );
    await expect(store.layers.delete(image.topLayer ?? '')).rejects.toMatchObject({ reason: 'LAYER_IN_USE' });
    const found = await Array.fromAsync(store.check({ unreferencedAgeMs: 0 }));
    expect(found.map(({ kind }) => kind)).toEqual(['container-image-missing']);
  });

  it('needs no image, and takes a layer without one', async () => {
    const image = await addFiles();
    const bare = await store.containers.create(maps);
    expect(owners(await store.containers.mount(bare.id))).toEqual([100_000, 100_000]);
    const made = await store.containers.create({ layer: image.topLayer ?? '', ...maps });
    expect(await store.layers.get(made.layer)).toMatchObject({ ...maps, parent: image.topLayer });
    expect(owners(join(await store.containers.mount(made.id), 'data/file'))).toEqual([100_000, 100_000]);
    expect(await copiesOf(image)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('copies an image of a store that is only read for the container alone', async () => {
    const image = await addFiles();
    await store.close();
    const second = await openHouse();
    try {
      const upper = await second.open({ additionalImageStores: [house.graphRoot], idMappedMounts: false });
      const made = await upper.containers.create({ imageId: image.id, ...maps, names: ['web'] });
      const merged = await upper.containers.mount('web');
      expect(owners(join(merged, 'data/file'))).toEqual([100_000, 100_000]);
      writeFileSync(join(merged, 'data/new'), '');
      const changes: string[] = [];
      for await (const { path } of upper.containers.changes('web')) changes.push(path);
      expect(changes.toSorted()).toEqual(['/data', '/data/new']);
      expect(await Array.fromAsync(upper.check())).toEqual([]);
      expect(existsSync(join(second.graphRoot, 'overlay', made.layer, 'diff1/data/file'))).toBe(true);
      expect(await copiesOf(image)).toEqual([]);
    } finally {
      await second.close();
    }
  });

  it('check tells of a file in the copy that has another owner, mode or content', async () => {
    const image = await addFiles();
    await create(image);
    const [copy] = await copiesOf(image);
    chownSync(join(folderOf(copy, 'diff1'), 'setuid'), 5, 100_000);
    chmodSync(join(folderOf(copy, 'diff1'), 'bin'), 0o700);
    writeFileSync(join(folderOf(copy, 'diff1'), 'data/extra'), '');
    const modified = await Array.fromAsync(store.check());
    const told = modified.filter(({ kind }) => kind === 'layer-modified').map(({ message }) => message);
    expect(told.toSorted()).toEqual([
      expect.stringContaining('+/data/extra'),
      expect.stringContaining('/bin(mode:40755→40700)'),
      expect.stringMatching(/\/setuid\(uid:100000→5,mode:10[67]755→100755\)/),
    ]);
    writeFileSync(join(folderOf(copy, 'diff1'), 'capable'), 'y');
    expect(await faults()).toContainEqual(expect.stringContaining('capable'));
  });

  it('leaves nothing when it is called off, or the image is gone meanwhile', async () => {
    const image = await addFiles();
    await expect(
      store.containers.create({ imageId: image.id, ...maps }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'canceled' });
    const [racing] = await Promise.allSettled([create(image), store.images.delete(image.id)]);
    expect(racing).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
    expect(await store.layers.list()).toEqual([]);
    expect(await faults()).toEqual([]);
  });
});

describe('a store on a file system that cannot map', () => {
  it('is found out without being told', async () => {
    const odd = await openHouse();
    try {
      mkdirSync(odd.graphRoot);
      mount({ type: 'ramfs', target: odd.graphRoot });
      const opened = await odd.open();
      const image = await addFiles(opened);
      await opened.containers.create({ imageId: image.id, names: ['web'], ...maps });
      expect((await opened.images.find(image.id))?.mappedLayers).toHaveLength(1);
      expect(owners(join(await opened.containers.mount('web'), 'data/file'))).toEqual([100_000, 100_000]);
      await opened.containers.delete('web');
      await opened.close();
      expect(odd.mounts()).toEqual([odd.graphRoot]);
    } finally {
      await odd.close();
    }
  });
});

describe('podman on the same store', () => {
  beforeEach(hidePodmanMaps);

  it('uses the copy that Lading made, and runs in it', async () => {
    const image = await addFiles();
    await create(image);
    const copies = await copiesOf(image);
    await house.podman('create', '--name', 'own', ...podmanMaps, ...podmanFlags, name, 'sh');
    expect(await copiesOf(image)).toEqual(copies);
    const record = await store.containers.find('own');
    expect((await store.layers.get(record?.layer ?? ''))?.parent).toBe(copies[0]);
    const flags = ['--rm', ...podmanMaps, ...podmanFlags, name];
    expect(await house.podman('run', ...flags, 'sh', '-c', 'ls -n /data/file; echo new > /data/new')).toMatch(
      /^-rw\S+\s+3 0\s+0\s/,
    );
    expect(await faults()).toEqual([]);
    await house.podman('rm', 'own');
    await store.containers.delete((await store.containers.list())[0]?.id ?? '');
    await house.podman('rmi', name);
    expect(await store.layers.list()).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('makes a copy that Lading uses and finds sound', async () => {
    const image = await addFiles();
    await house.podman('create', '--name', 'first', ...podmanMaps, ...podmanFlags, name, 'sh');
    const copies = await copiesOf(image);
    expect(copies).toHaveLength(1);
    const made = await create(image, { names: ['second'] });
    expect(await copiesOf(image)).toEqual(copies);
    expect((await store.layers.get(made.layer))?.parent).toBe(copies[0]);
    expect(owners(join(await store.containers.mount('second'), 'data/file'))).toEqual([100_000, 100_000]);
    expect(await faults()).toEqual([]);
    await store.containers.delete('second');
    await house.podman('rm', 'first');
    expect(await store.images.delete(image.id)).toHaveLength(3);
    expect(await faults()).toEqual([]);
  });
});
