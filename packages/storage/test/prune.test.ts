// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/index.ts';
import { addImage, busyboxLayer, fileLayer, type House, openHouse, testLayer } from './support.ts';

let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

/** Builds an image in two steps, one more image for each. */
async function build(tag: string, content: string): Promise<void> {
  const context = join(house.root, 'context');
  mkdirSync(context, { recursive: true });
  await writeFile(join(context, 'a'), 'same');
  await writeFile(join(context, 'b'), content);
  await writeFile(
    join(context, 'Dockerfile'),
    `FROM localhost/base:1\nCOPY a /\nLABEL own=${content}\nCOPY b /\n`,
  );
  await house.podman('build', '-q', '--layers', '--pull-never', '-t', tag, context);
}

/** A copy of the house's store, for another tool to do the same to. */
async function twin(): Promise<House> {
  const other = await openHouse();
  execFileSync('cp', ['-a', house.graphRoot, other.graphRoot]);
  // podman's own records name the roots.
  rmSync(join(other.graphRoot, 'libpod'), { recursive: true });
  return other;
}

const idsOf = async (of: Store): Promise<readonly string[]> =>
  (await of.images.list()).map(({ id }) => id).sort();

describe('a prune', () => {
  it.each([
    ['without a word', false],
    ['of all', true],
  ])('%s deletes what podman image prune does', async (_what, all) => {
    await addImage(store, 'localhost/base:1', [await busyboxLayer()]);
    await build('localhost/built:1', 'one');
    await build('localhost/built:1', 'two');
    await build('localhost/kept:1', 'three');
    await store.containers.create({ imageId: (await store.images.find('localhost/kept:1'))?.id ?? '' });
    const before = await idsOf(store);
    await store.close();
    const other = await twin();
    try {
      const flags = all ? ['--all'] : [];
      await other.podman('image', 'prune', '--force', ...flags);
      const otherStore = await other.open();
      const { images, layers, freedBytes } = await store.prune({ all });
      expect(await idsOf(store)).toEqual(await idsOf(otherStore));
      const layerIds = async (of: Store) => (await of.layers.list()).map(({ id }) => id).sort();
      const isOwn = ({ diffDigest }: { diffDigest: string | undefined }): boolean => diffDigest === undefined;
      expect((await store.layers.list()).filter(isOwn)).toHaveLength(1);
      expect(await layerIds(store)).toEqual(await layerIds(otherStore));
      expect(images.map(({ id }) => id).sort()).toEqual(
        before.filter((id) => !images.every((one) => one.id !== id)),
      );
      expect([images.length > 0, layers.length > 0, freedBytes > 1000]).toEqual([true, true, true]);
      expect((await Array.fromAsync(store.check())).map(({ message }) => message)).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('keeps what is younger than asked for, or what the filter wants', async () => {
    const { id } = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    expect((await store.prune({ all: true, createdBefore: new Date('2026-01-01') })).images).toEqual([]);
    expect((await store.prune({ all: true, filter: ({ names }) => names.length > 1 })).images).toEqual([]);
    const pruned = await store.prune({ all: true, createdBefore: new Date('2027-01-01') });
    expect(pruned.images.map((image) => image.id)).toEqual([id]);
  });
});

describe('a garbage collection', () => {
  it('removes what belongs to nobody, and leaves what is in use or being made', async () => {
    const image = await addImage(store, 'localhost/a:1', [
      await testLayer((folder) => writeFile(join(folder, 'a'), 'a')),
    ]);
    const { id } = await store.containers.create({ imageId: image.id });
    const inGraph = (path: string): string => join(house.graphRoot, path);
    const other = '9'.repeat(64);
    mkdirSync(inGraph(`overlay/${other}/diff`), { recursive: true });
    writeFileSync(inGraph(`overlay/${other}/diff/large`), Buffer.alloc(100_000, 1));
    writeFileSync(inGraph(`overlay-layers/${other}.tar-split.gz`), 'x');
    for (const kind of ['images', 'containers', 'layers']) mkdirSync(inGraph(`overlay-${kind}/${other}`));
    mkdirSync(inGraph('overlay/tempdirs/temp-dir-1'), { recursive: true });
    mkdirSync(inGraph('overlay/tempdirs/temp-dir-2'), { recursive: true });
    writeFileSync(inGraph('overlay/tempdirs/lock-1'), '');
    using _inUse = await lockFile(inGraph('overlay/tempdirs/lock-2'), { mode: 'exclusive' });
    const { paths, freedBytes } = await store.collectGarbage();
    expect(paths).toHaveLength(6);
    expect(freedBytes).toBeGreaterThan(100_000);
    expect(paths.map((path) => existsSync(path))).toEqual(paths.map(() => false));
    expect(readdirSync(inGraph('overlay/tempdirs')).sort()).toEqual(['lock-2', 'temp-dir-2']);
    expect((await store.collectGarbage()).paths).toEqual([]);
    await store.containers.mount(id);
    expect((await Array.fromAsync(store.check())).map(({ message }) => message)).toEqual([]);
  });

  it('takes nothing away whose record may only be lost', async () => {
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    for (const file of ['overlay-images/images.json', 'overlay-layers/layers.json']) {
      truncateSync(join(house.graphRoot, file));
    }
    expect((await store.collectGarbage()).paths).toEqual([]);
    await store.repair();
    expect(await idsOf(store)).toEqual([image.id]);
  });
});
