// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault, ImageRecord, Store } from '../src/index.ts';
import { addImage, busyboxLayer, fileLayer, type House, openHouse, type TestLayer } from './support.ts';

const sharedName = 'localhost/shared:1';
const upperName = 'localhost/upper:1';
let house: House;
let other: House;
let store: Store;
let shared: ImageRecord;
/** On a layer of the other store. */
let upper: ImageRecord;
/** All that is in the other store. */
let before: readonly string[];

beforeEach(async () => {
  other = await openHouse();
  house = await openHouse();
  const base = [await busyboxLayer(), await fileLayer('a')];
  shared = await addImage(await other.open(), sharedName, base);
  before = contentOf(other.graphRoot);
  store = await open();
  upper = await fill(base);
});
afterEach(async () => {
  await house.close();
  await other.close();
});

function open(): Promise<Store> {
  return house.open({ additionalImageStores: [other.graphRoot] });
}

/** An image on top of a layer of the other store, a record of that store's image, and containers of both. */
async function fill(base: readonly TestLayer[]): Promise<ImageRecord> {
  const image = await addImage(store, upperName, [...base, await fileLayer('b')]);
  await store.containers.create({ imageId: shared.id, names: ['of-other'] });
  await store.containers.create({ imageId: image.id, names: ['of-upper'] });
  await store.images.addName(shared.id, 'localhost/copied:1');
  return image;
}

/** A line for each file: its path, mode, owner, time and content. */
function contentOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const full = join(root, path);
      const stat = lstatSync(full);
      const { mode, uid, gid, mtimeMs } = stat;
      const content = stat.isFile() ? readFileSync(full) : stat.isSymbolicLink() ? readlinkSync(full) : '';
      return [path, mode, uid, gid, mtimeMs, createHash('sha256').update(content).digest('hex')].join(' ');
    });
}

async function faultsOf(of: Store = store): Promise<readonly Fault[]> {
  return Array.fromAsync(of.check({ unreferencedAgeMs: 0 }));
}
const messagesOf = async (of: Store = store): Promise<readonly string[]> =>
  (await faultsOf(of)).map(({ message }) => message);

const inGraph = (path: string): string => join(house.graphRoot, path);
const nothing = { containers: [], images: [], layers: [] };

describe('a store with layers on top of those of a store that is only read', () => {
  it('has no faults, and nothing to repair or to remove', async () => {
    const rootfs = await store.containers.mount('of-other');
    writeFileSync(join(rootfs, 'a'), 'changed');
    await store.containers.mount('of-upper');
    await store.images.mount(shared.id);
    const { id } = await store.containers.commit('of-upper');
    const isCommitted = ({ kind, id: of }: Fault): boolean => kind === 'layer-unreferenced' && of === id;
    expect((await faultsOf()).filter((fault) => !isCommitted(fault))).toEqual([]);
    expect(await store.repair()).toEqual({ mended: [], lost: [], removed: nothing, remaining: [] });
    expect((await store.collectGarbage()).paths).toEqual([]);
    expect((await store.prune()).images).toEqual([]);
    expect((await store.prune({ all: true })).images).toEqual([]);
    expect(readFileSync(join(rootfs, 'a'), 'utf8')).toBe('changed');
    await store.close();
    expect(contentOf(other.graphRoot)).toEqual(before);
  });

  it('is pruned of its own images alone', async () => {
    for (const name of ['of-other', 'of-upper']) await store.containers.delete(name);
    const { images, layers } = await store.prune({ all: true });
    expect(images.map(({ id }) => id).sort()).toEqual([shared.id, upper.id].sort());
    expect(layers).toEqual([upper.topLayer]);
    expect(await store.images.list()).toEqual([{ ...shared, readOnly: true }]);
    expect(await messagesOf()).toEqual([]);
    expect(contentOf(other.graphRoot)).toEqual(before);
  });

  it('has none when podman, with the same stores, has built and made containers', async () => {
    const option = ['--storage-opt', `overlay.imagestore=${other.graphRoot}`];
    const context = join(house.root, 'context');
    mkdirSync(context);
    writeFileSync(join(context, 'c'), 'c');
    writeFileSync(join(context, 'Dockerfile'), `FROM ${sharedName}\nCOPY c /\n`);
    await house.podman(...option, 'build', '-q', '--pull-never', '-t', 'localhost/built:1', context);
    await house.podman(...option, 'tag', sharedName, 'localhost/tagged:1');
    const flags = ['--network', 'none', '--ulimit', 'nofile=1024:1024'];
    for (const [name, image] of [
      ['one', sharedName],
      ['two', 'localhost/built:1'],
    ] as const) {
      await house.podman(...option, 'create', '--name', name, ...flags, image);
      await house.podman(...option, 'mount', name);
    }
    expect(await messagesOf()).toEqual([]);
    expect(await store.repair()).toEqual({ mended: [], lost: [], removed: nothing, remaining: [] });
    expect((await store.collectGarbage()).paths).toEqual([]);
    expect((await store.prune({ all: true })).images).toEqual([]);
    const names = await house.podman(...option, 'ps', '-a', '--external', '--format', '{{.Names}}');
    expect(names.split('\n').sort()).toEqual(['of-other', 'of-upper', 'one', 'two']);
    await house.podman(...option, 'rm', '-f', 'one', 'two');
    expect(await messagesOf()).toEqual([]);
  });
});

interface Damage {
  readonly name: string;
  readonly kinds: readonly string[];
  damage(): void;
}

const damages: readonly Damage[] = [
  {
    name: 'lists of the layers below',
    kinds: ['layer-lowers'],
    damage: () => {
      const folder = inGraph(`overlay/${upper.topLayer}`);
      writeFileSync(join(folder, 'lower'), readFileSync(join(folder, 'lower'), 'utf8').slice(0, 28));
      rmSync(join(folder, 'lower-layers'));
    },
  },
  {
    name: 'a short link',
    kinds: ['layer-link'],
    damage: () => rmSync(inGraph(`overlay/${upper.topLayer}/link`)),
  },
  {
    name: 'records of layers',
    kinds: ['records-lost'],
    damage: () => truncateSync(inGraph('overlay-layers/layers.json')),
  },
  {
    name: 'records of images',
    kinds: ['records-lost'],
    damage: () => truncateSync(inGraph('overlay-images/images.json')),
  },
  {
    name: 'all records but those of containers',
    kinds: ['records-unreadable'],
    damage: () => {
      for (const path of ['overlay-layers/layers.json', 'overlay-images/images.json']) {
        writeFileSync(inGraph(path), '[{');
      }
    },
  },
];

describe('a repair of such a store', () => {
  it.each(damages)('mends $name', async ({ kinds, damage }) => {
    const idsOf = async (): Promise<readonly string[]> => {
      const all = [store.layers.list(), store.images.list(), store.containers.list()];
      return (await Promise.all(all)).flatMap((records) => records.map(({ id }) => id)).sort();
    };
    const ids = await idsOf();
    damage();
    expect([...new Set((await faultsOf()).map(({ kind }) => kind))]).toEqual(kinds);
    const { removed, remaining } = await store.repair();
    expect([removed, remaining]).toEqual([nothing, []]);
    expect(await messagesOf()).toEqual([]);
    expect(await idsOf()).toEqual(ids);
    for (const name of ['of-other', 'of-upper']) {
      expect(readdirSync(await store.containers.mount(name))).toContain('a');
    }
    expect(contentOf(other.graphRoot)).toEqual(before);
  });

  it('gives a container back that has lost its record, with its image in the other store', async () => {
    const { id, layer } = (await store.containers.find('of-other')) ?? { id: '', layer: '' };
    const config = { root: { path: inGraph(`overlay/${layer}/merged`) } };
    writeFileSync(inGraph(`overlay-containers/${id}/userdata/config.json`), JSON.stringify(config));
    await store.images.delete(shared.id, { force: true });
    truncateSync(inGraph('overlay-containers/containers.json'));
    await store.repair();
    expect(await store.containers.find(id)).toMatchObject({ id, layer, imageId: shared.id });
  });

  it.each([
    ['is not there', 'moved'],
    ['has broken records', 'broken'],
  ])('removes nothing while the other store %s', async (_what, how) => {
    // Of the container's image no record is left here.
    await store.images.delete(shared.id, { force: true });
    await store.images.addName(shared.id, 'localhost/copied:1');
    const records = join(other.graphRoot, 'overlay-layers/layers.json');
    const text = readFileSync(records);
    const away = `${other.graphRoot}-away`;
    if (how === 'moved') renameSync(other.graphRoot, away);
    else truncateSync(records, 10);
    const without = await open();
    const faults = await faultsOf(without);
    expect([...new Set(faults.map(({ remedy }) => remedy))]).toEqual(['none']);
    expect([...new Set(faults.map(({ kind }) => kind))].sort()).toEqual([
      'image-layer-missing',
      'layer-parent-missing',
    ]);
    for (const { message } of faults) expect(message).toContain(other.graphRoot);
    const { mended, lost, removed, remaining } = await without.repair({ force: true });
    expect([mended, lost, removed]).toEqual([[], [], nothing]);
    expect(remaining).toHaveLength(faults.length);
    await without.collectGarbage();
    if (how === 'moved') renameSync(away, other.graphRoot);
    else writeFileSync(records, text);
    expect(await messagesOf(await open())).toEqual([]);
  });

  it('leaves a layer alone that cannot be mounted because the content of one below is gone', async () => {
    rmSync(join(other.graphRoot, `overlay/${shared.topLayer}/diff`), { recursive: true });
    const faults = await faultsOf();
    expect([...new Set(faults.map(({ kind, remedy }) => `${kind}: ${remedy}`))]).toEqual([
      'layer-mount: none',
    ]);
    expect((await store.repair({ force: true })).removed).toEqual(nothing);
  });

  it('still removes what lacks a layer that is in no store', async () => {
    for (const name of ['of-other', 'of-upper']) await store.containers.delete(name);
    const records = inGraph('overlay-layers/layers.json');
    const gone = 'f'.repeat(64);
    writeFileSync(records, readFileSync(records, 'utf8').replaceAll(shared.topLayer ?? '', gone));
    expect((await store.repair()).removed.images).toEqual([upper.id]);
    expect((await store.images.list()).map(({ id }) => id)).toEqual([shared.id]);
  });
});
