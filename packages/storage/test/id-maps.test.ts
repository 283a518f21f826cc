// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { mount } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRecord, IdMapping, ImageRecord, Store } from '../src/index.ts';
import { addImage, busyboxLayer, type House, openHouse, podmanFlags, readAll, testLayer } from './support.ts';

const map: readonly IdMapping[] = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
const maps = { uidMap: map, gidMap: map };
const name = 'localhost/hello:latest';
let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

/** Two layers: one with a shell, one with a folder in which is a file. */
async function addFiles(): Promise<ImageRecord> {
  const files = await testLayer(async (folder) => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/file'), 'text');
  });
  return addImage(store, name, [await busyboxLayer(), files]);
}

const owners = (path: string): readonly number[] => {
  const { uid, gid } = lstatSync(path);
  return [uid, gid];
};
const diffOf = ({ layer }: ContainerRecord): string => join(house.graphRoot, 'overlay', layer, 'diff');

/** Names, owners and nothing else, as tar lists an archive. */
function listed(archive: Buffer): readonly string[] {
  const lines = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: archive, encoding: 'utf8' });
  return lines
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map(([, ids, , , , path]) => `${path} ${ids}`)
    .sort();
}

describe('a container with mapped ids', () => {
  it('sees files of the image as its own, and writes with the ids of the host', async () => {
    const image = await addFiles();
    const made = await store.containers.create({ imageId: image.id, names: ['web'], ...maps });
    expect(await store.containers.find('web')).toMatchObject(maps);
    expect((await store.layers.get(made.layer))?.uidMap).toEqual([]);
    const merged = await store.containers.mount('web');
    for (const path of ['', 'data', 'data/file', 'bin/busybox']) {
      expect([path, ...owners(join(merged, path))]).toEqual([path, 100_000, 100_000]);
    }
    writeFileSync(join(merged, 'data/file'), 'changed');
    writeFileSync(join(merged, 'data/user'), '');
    chownSync(join(merged, 'data/user'), 101_000, 100_007);
    expect(owners(join(diffOf(made), 'data/file'))).toEqual([100_000, 100_000]);
    expect(owners(join(house.graphRoot, 'overlay', image.topLayer ?? '', 'diff/data/file'))).toEqual([0, 0]);
    // Only the mount itself, and the home, are left.
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay'), merged]);

    expect(listed(await readAll(store.containers.diff('web')))).toEqual([
      'data/ 0/0',
      'data/file 0/0',
      'data/user 1000/7',
    ]);
    const commit = await store.containers.commit('web');
    expect(commit).toMatchObject({ parent: image.topLayer, uidSet: [0, 1000], gidSet: [0, 7] });
    expect(owners(join(house.graphRoot, 'overlay', commit.id, 'diff/data/user'))).toEqual([1000, 7]);

    await store.containers.unmount('web');
    expect(owners(join(await store.containers.mount('web'), 'data/user'))).toEqual([101_000, 100_007]);
    await store.containers.delete('web');
    expect(await Array.fromAsync(store.check())).toEqual([]);
  });

  it.each(['', 'metacopy=on'])('tells of folders that were renamed, mounted with %j', async (words) => {
    const image = await addFiles();
    const flags = { MountOpts: words === '' ? [] : [words, 'redirect_dir=on'] };
    const made = await store.containers.create({ imageId: image.id, flags, ...maps });
    const merged = await store.containers.mount(made.id);
    if (words !== '') renameSync(join(merged, 'data'), join(merged, 'moved'));
    chownSync(join(merged, 'bin/busybox'), 100_001, 100_002);
    const changes: string[] = [];
    for await (const { kind, path } of store.containers.changes(made.id)) changes.push(`${kind} ${path}`);
    expect(changes).toContain('modified /bin/busybox');
    const entries = listed(await readAll(store.containers.diff(made.id)));
    expect(entries).toContain('bin/busybox 1/2');
    if (words !== '') {
      expect(changes).toContain('deleted /data');
      expect(entries).toEqual(expect.arrayContaining(['.wh.data 0/0', 'moved/ 0/0', 'moved/file 0/0']));
    }
    expect(readdirSync(join(house.runRoot, 'overlay-layers'))).toEqual([
      'mountpoints.json',
      'mountpoints.lock',
    ]);
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay'), merged]);
  });

  it('needs no image, and one map is enough', async () => {
    const made = await store.containers.create({ uidMap: map });
    const merged = await store.containers.mount(made.id);
    expect(owners(merged)).toEqual([100_000, 0]);
    expect(readdirSync(merged)).toEqual([]);
  });

  it('is refused with a map that is none, and nothing is made', async () => {
    const uidMap = [{ containerId: 1, hostId: 5, size: 1 }];
    await expect(async () => store.containers.create({ uidMap })).rejects.toMatchObject({ reason: 'ID_MAP' });
    expect(await store.layers.list()).toEqual([]);
  });

  it('of a store that was moved to where nothing can be mapped is not mounted, and the error says what would do', async () => {
    const odd = await openHouse();
    try {
      mkdirSync(odd.graphRoot);
      mount({ type: 'ramfs', target: odd.graphRoot });
      const opened = await odd.open();
      const made = await opened.containers.create({});
      const path = join(odd.graphRoot, 'overlay-containers/containers.json');
      const uidmap = [{ container_id: 0, host_id: 100_000, size: 65_536 }];
      writeFileSync(path, JSON.stringify([{ ...JSON.parse(readFileSync(path, 'utf8'))[0], uidmap }]));
      await expect(opened.containers.mount(made.id)).rejects.toMatchObject({
        code: Code.Unimplemented,
        reason: 'ID_MAPPED_MOUNT',
        message: expect.stringContaining('Linux 5.19'),
      });
      await opened.containers.delete(made.id);
      await opened.close();
      expect(odd.mounts()).toEqual([odd.graphRoot]);
    } finally {
      await odd.close();
    }
  });
});

describe('podman on the same store', () => {
  it('runs a container with --uidmap, which Lading mounts and reads with the same owners', async () => {
    const image = await addFiles();
    const ids = ['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536'];
    await house.podman(
      'run',
      '--name',
      'web',
      ...ids,
      ...podmanFlags,
      name,
      'sh',
      '-c',
      'echo x > /data/new',
    );
    const record = await store.containers.find('web');
    expect(record).toMatchObject({ ...maps, imageId: image.id });
    if (record === undefined) return;
    expect(owners(join(diffOf(record), 'data/new'))).toEqual([100_000, 100_000]);
    const merged = await store.containers.mount('web');
    expect(readFileSync(join(merged, 'data/new'), 'utf8')).toBe('x\n');
    for (const path of ['data/new', 'data/file', 'bin/busybox']) {
      expect([path, ...owners(join(merged, path))]).toEqual([path, 100_000, 100_000]);
    }
    expect(listed(await readAll(store.containers.diff('web')))).toContain('data/new 0/0');
    await store.containers.unmount('web');
    await store.containers.delete('web');
    expect(existsSync(diffOf(record))).toBe(false);
  });

  it('mounts one that Lading made with the owners that Lading gives it', async () => {
    const image = await addFiles();
    const made = await store.containers.create({ imageId: image.id, names: ['own'], ...maps });
    writeFileSync(join(await store.containers.mount('own'), 'data/own'), '');
    chownSync(join(diffOf(made), 'data/own'), 100_000, 100_000);
    await store.containers.unmount('own');
    const merged = await house.podman('mount', 'own');
    expect([owners(join(merged, 'data/own')), owners(join(merged, 'data/file'))]).toEqual([
      [100_000, 100_000],
      [100_000, 100_000],
    ]);
    await house.podman('umount', 'own');
    await store.containers.delete('own');
  });
});
