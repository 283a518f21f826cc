// SPDX-License-Identifier: Apache-2.0
// The kernels of the machines that this was written on have no quotas of projects (CONFIG_XFS_QUOTA, CONFIG_QFMT_V2): that
// a limit holds is not tried here. That projects are set, and what the kernel is told of limits, is tried with `linux`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../src/index.ts';
import { addImage, fileLayer, type House, openHouse } from './support.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const none = { code: 'failed_precondition', reason: 'NO_PROJECT_QUOTA' };

describe('a limit on what containers write', () => {
  it('is refused on a file system that has no projects, before anything is made', async () => {
    await expect(house.open({ quota: { sizeBytes: 1 << 20 } })).rejects.toMatchObject({
      ...none,
      message: expect.stringMatching(/neither xfs nor ext4; use xfs or ext4 and the mount option prjquota/),
    });
    const store = await house.open({ quota: { sizeBytes: 0, inodes: undefined } });
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    const request = { imageId: image.id, quota: { inodes: 10 } };
    await expect(store.containers.create(request)).rejects.toMatchObject(none);
    expect([await store.containers.list(), (await store.layers.list()).length]).toEqual([[], 1]);
    expect(await Array.fromAsync(store.check())).toEqual([]);
    await store.containers.create({ imageId: image.id });
  });

  it('is refused where the file system is mounted without quotas', async () => {
    const [disk, volume] = [join(house.root, 'disk'), join(house.root, 'volume')];
    execFileSync('truncate', ['-s', '320M', disk]);
    execFileSync('mkfs.xfs', ['-q', disk]);
    mkdirSync(volume);
    execFileSync('mount', ['-o', 'loop,noquota', disk, volume]);
    const roots = { graphRoot: join(volume, 'graph'), runRoot: house.runRoot };
    await expect(openStore({ ...roots, quota: { inodes: 5 } })).rejects.toMatchObject({
      ...none,
      message: expect.stringMatching(/mounted without quotas of projects/),
    });
    // The node by which all tools name the device.
    expect(existsSync(join(roots.graphRoot, 'overlay/backingFsBlockDev'))).toBe(true);
    await using store = await openStore(roots);
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    await expect(
      store.containers.create({ imageId: image.id, quota: { sizeBytes: 1 << 20 } }),
    ).rejects.toMatchObject(none);
    expect(await Array.fromAsync(store.check())).toEqual([]);
    const { id } = await store.containers.create({ imageId: image.id });
    expect(readFileSync(join(await store.containers.mount(id), 'a'), 'utf8')).toBe('a');
    await store.containers.delete(id);
  });
});
