// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/index.ts';
import { addImage, busyboxLayer, type House, openHouse } from './support.ts';

let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

const staging = (...names: string[]): string => join(house.graphRoot, 'overlay/staging', ...names);

/** As the Go library leaves it behind in the middle of a pull. */
function makeStaging(name: string): string {
  mkdirSync(staging(name, 'dir/etc'), { recursive: true });
  writeFileSync(staging(name, 'dir/etc/half'), 'x');
  const lock = staging(name, 'staging.lock');
  writeFileSync(lock, '');
  return lock;
}

async function mountAndUnmount(): Promise<void> {
  const image = await addImage(store, 'localhost/a:1', [await busyboxLayer()]);
  await store.images.mount(image.id);
  await store.images.unmount(image.id);
}

describe('a folder of a partial pull', () => {
  it('is removed when the store is closed and nobody holds its lock', async () => {
    makeStaging('one');
    makeStaging('two');
    await mountAndUnmount();
    await store.close();
    expect(readdirSync(staging())).toEqual([]);
    expect(house.mounts()).toEqual([]);
  });

  it('stays while its maker holds the lock, and the mount of the driver that it is moved within', async () => {
    using lock = await lockFile(makeStaging('used'), { mode: 'exclusive' });
    makeStaging('left');
    mkdirSync(staging('new'));
    await mountAndUnmount();
    expect((await Array.fromAsync(store.check())).map(({ kind, path }) => [kind, path])).toEqual([
      ['leftover', staging('left')],
    ]);
    await store.close();
    expect(readdirSync(staging()).sort()).toEqual(['new', 'used']);
    expect(readdirSync(staging('used', 'dir/etc'))).toEqual(['half']);
    expect(house.mounts()).toEqual([join(house.graphRoot, 'overlay')]);
    lock.release();
    expect((await store.collectGarbage()).paths).toEqual([staging('used')]);
    expect(await Array.fromAsync(store.check())).toEqual([]);
  });
});
