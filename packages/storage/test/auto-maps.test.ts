// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packFolder } from '@lading/layer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AutoIdMaps, AutoIdOptions, ContainerRecord, ImageRecord, Store } from '../src/index.ts';
import { addImage, busyboxLayer, type House, openHouse, podmanFlags, testLayer } from './support.ts';

const run = promisify(execFile);
let house: House;
let subIds: string;
beforeEach(async () => {
  house = await openHouse();
  subIds = join(house.root, 'subids');
  writeFileSync(subIds, 'root:1:1000\ncontainers:500000:5000\ncontainers:800000:100000\n');
});
afterEach(() => house.close());

const open = (more: AutoIdOptions = {}): Promise<Store> =>
  house.open({ autoIds: { subUidPath: subIds, subGidPath: subIds, ...more } });
const create = (store: Store, autoMaps: AutoIdMaps = {}, image?: ImageRecord): Promise<ContainerRecord> =>
  store.containers.create({ autoMaps, ...(image !== undefined && { imageId: image.id }) });
/** `containerId:hostId:size` of each range. */
const shown = ({ uidMap, gidMap }: ContainerRecord): readonly string[] => {
  const texts = [uidMap, gidMap].map((map) =>
    map.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`).join(' '),
  );
  return [...new Set(texts)];
};

/** An image with a file of user 2500, a user 1600, and a group 1700. */
function addPeople(store: Store): Promise<ImageRecord> {
  return busyboxLayer().then(async (base) => {
    const people = await testLayer(async (folder) => {
      mkdirSync(join(folder, 'etc'));
      writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:::\nnobody:x:60000:60000:::\nweb:x:1600:1:::\n');
      writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nusers:x:1700:\n');
    });
    return addImage(store, 'localhost/people:1', [base, people]);
  });
}

describe('a container whose maps the store chooses', () => {
  it('has ids that no other container has, the lowest that are free', async () => {
    const store = await open();
    const [first, second] = [await create(store), await create(store)];
    expect([first, second].map(shown)).toEqual([['0:500000:1024'], ['0:501024:1024']]);
    expect(await store.containers.find(second.id)).toEqual(second);
    await store.containers.delete(first.id);
    expect(shown(await create(store, { size: 1000 }))).toEqual(['0:500000:1000']);
    // The 24 ids that are left there, what follows the second one, and the next range.
    expect(shown(await create(store, { size: 4000 }))).toEqual([
      '0:501000:24 24:502048:2952 2976:800000:1024',
    ]);
  });

  it('has as many as are asked for at once', async () => {
    const stores = await Promise.all([open(), open(), open()]);
    const made = await Promise.all(stores.flatMap((store) => [create(store), create(store)]));
    expect(new Set(made.flatMap(shown)).size).toBe(6);
  });

  it('has as many ids as the image needs: for its files, users and groups', async () => {
    const store = await open();
    const image = await addPeople(store);
    expect(shown(await create(store, {}, image))).toEqual(['0:500000:1701']);
    expect(shown(await create(store, { initialSize: 1900 }, image))).toEqual(['0:501701:1900']);
    const files = { passwdFile: join(house.root, 'passwd'), groupFile: join(house.root, 'group') };
    writeFileSync(files.passwdFile, 'big:x:1200:1200:::\n');
    writeFileSync(files.groupFile, '');
    expect(shown(await create(store, files, image))).toEqual(['0:503601:1201']);
    expect(house.mounts()).toEqual([]);
    const owned = join(house.root, 'owned');
    mkdirSync(owned);
    chownSync(owned, 5, 4999);
    writeFileSync(join(owned, 'file'), '');
    chownSync(join(owned, 'file'), 1300, 1);
    const layer = await store.layers.add(packFolder(owned));
    const made = await store.containers.create({ layer: layer.id, autoMaps: {} });
    expect(shown(made)).toEqual(['0:504802:198 198:800000:1103']);
    expect(await Array.fromAsync(store.check())).toEqual([]);
  });

  it('reads no file of this machine, whatever links the image has', async () => {
    const store = await open();
    const outside = join(house.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'passwd'), 'evil:x:4000:4000:::\n');
    const layer = await testLayer(async (folder) => symlinkSync(outside, join(folder, 'etc')));
    const image = await addImage(store, 'localhost/evil:1', [layer]);
    expect(shown(await create(store, {}, image))).toEqual(['0:500000:1024']);
  });

  it('has ranges of its own beside those that are chosen', async () => {
    const store = await open();
    const added = [{ containerId: 100, hostId: 500_010, size: 5 }];
    expect(
      shown(await create(store, { size: 200, additionalUidMap: added, additionalGidMap: added })),
    ).toEqual(['0:500000:10 10:500015:90 105:500105:95 100:500010:5']);
  });

  it.each<[string, AutoIdOptions, AutoIdMaps, RegExp]>([
    ['too few are free', {}, { size: 200_000 }, /not 200000 uids free.*other containers/],
    ['the user has none', { user: 'nobody-has' }, {}, /for the user nobody-has has none; add a line/],
    [
      'there is no file',
      { subUidPath: '/nowhere/subuid' },
      {},
      /\/nowhere\/subuid for the user containers has none/,
    ],
    [
      'the image wants more than there may be',
      { maxSize: 1500 },
      { initialSize: 1501 },
      /auto-userns-max-size/,
    ],
  ])('is refused where %s', async (_what, options, auto, message) => {
    const store = await open(options);
    await expect(create(store, auto)).rejects.toMatchObject({
      code: 'resource_exhausted',
      reason: 'NO_IDS',
      message: expect.stringMatching(message),
    });
    expect(await store.layers.list()).toEqual([]);
  });

  it('takes no maps as well', async () => {
    const store = await open();
    const uidMap = [{ containerId: 0, hostId: 1, size: 1 }];
    await expect(store.containers.create({ autoMaps: {}, uidMap })).rejects.toMatchObject({
      reason: 'ID_MAP',
    });
  });

  it('and podman do not choose the same ids', async () => {
    const store = await open();
    const image = await addPeople(store);
    const ours = await create(store, {}, image);
    const roots = ['--root', house.graphRoot, '--runroot', house.runRoot, '--storage-driver', 'overlay'];
    const flags = ['--userns=auto', '--name', 'theirs', ...podmanFlags, 'localhost/people:1', 'sh'];
    // podman has no option for the file: it gets a mount namespace in which ours is in its place.
    const script = 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec podman "$@"';
    await run('unshare', ['--mount', 'sh', '-c', script, subIds, ...roots, 'create', ...flags]);
    const theirs = await store.containers.find('theirs');
    expect(shown(ours)).toEqual(['0:500000:1701']);
    expect(theirs?.uidMap[0]?.hostId).toBe(501_701);
    const next = await create(store, {}, image);
    const end = 501_701 + (theirs?.uidMap[0]?.size ?? 0);
    expect(next.uidMap[0]?.hostId).toBe(end);
  });
});
