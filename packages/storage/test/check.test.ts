// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault, ImageRecord, Store } from '../src/index.ts';
import {
  addImage,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  readAll,
  sha256,
  testLayer,
  writeLayout,
} from './support.ts';

let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

const name = 'localhost/a:1';
const inGraph = (path: string): string => join(house.graphRoot, path);

async function faultsOf(options: Parameters<Store['check']>[0] = {}): Promise<readonly Fault[]> {
  return Array.fromAsync(store.check(options));
}

async function kindsOf(options: Parameters<Store['check']>[0] = {}): Promise<readonly string[]> {
  return [...new Set((await faultsOf(options)).map(({ kind }) => kind))].sort();
}

/** Odd but healthy content: what a check of headers against a mounted tree stumbles over. */
function oddLayer(): ReturnType<typeof testLayer> {
  return testLayer(async (folder) => {
    mkdirSync(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/setuid'), 'x');
    chmodSync(join(folder, 'bin/setuid'), 0o4755);
    await writeFile(join(folder, '.wh.gone'), '');
    mkdirSync(join(folder, 'opaque'));
    await writeFile(join(folder, 'opaque/.wh..wh..opq'), '');
    await writeFile(join(folder, 'opaque/\x1b[2Jname'), 'x');
    execFileSync('ln', [join(folder, 'bin/setuid'), join(folder, 'bin/hard')]);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    execFileSync('mknod', [join(folder, 'null'), 'c', '1', '3']);
    symlinkSync('../nowhere', join(folder, 'link'));
    lutimesSync(join(folder, 'link'), 12, 12);
    execFileSync('touch', ['-d', '1950-01-01', join(folder, 'bin/setuid')]);
  });
}

/** Without entries for the folders that its files are in. */
function impliedLayer(): ReturnType<typeof testLayer> {
  return testLayer(async (folder) => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    await writeFile(join(folder, 'deep/er/file'), 'x');
  });
}

describe('a healthy store', () => {
  it('has no faults, empty or with images, containers, mounts and odd files', async () => {
    expect(await faultsOf()).toEqual([]);
    const image = await addImage(store, name, [
      await busyboxLayer(),
      await fileLayer('gone'),
      await oddLayer(),
      await impliedLayer(),
    ]);
    const { id } = await store.containers.create({ imageId: image.id, names: ['web'] });
    expect(await faultsOf()).toEqual([]);
    const merged = await store.containers.mount(id);
    await writeFile(join(merged, 'own'), 'x');
    expect(await faultsOf()).toEqual([]);
    await store.containers.unmount(id);
    expect(await faultsOf()).toEqual([]);
  });

  it('that podman, buildah and skopeo have filled has none either', async () => {
    const layout = join(house.root, 'layout');
    await writeLayout(layout, [
      await busyboxLayer(),
      await fileLayer('gone'),
      await oddLayer(),
      await impliedLayer(),
    ]);
    await house.skopeo('copy', '-q', `oci:${layout}:test`, `containers-storage:${house.transport}${name}`);
    const work = await house.buildah('from', '--pull-never', '--name', 'work', name);
    const merged = await house.buildah('mount', work);
    mkdirSync(join(merged, 'made/here'), { recursive: true });
    await writeFile(join(merged, 'made/here/file'), 'x');
    rmSync(join(merged, 'bin/cat'));
    rmSync(join(merged, 'etc'), { recursive: true });
    mkdirSync(join(merged, 'etc'));
    expect(await faultsOf()).toEqual([]);
    await house.buildah('umount', work);
    await house.buildah('commit', '-q', work, 'localhost/built:1');
    await house.podman('create', '--name', 'web', '--runtime', 'runc', 'localhost/built:1', 'sh');
    await house.podman('mount', 'web');
    expect(await faultsOf()).toEqual([]);
    await house.podman('rm', '-f', 'web');
    await house.buildah('rm', '-a');
    expect(await faultsOf()).toEqual([]);
  });
});

interface Damage {
  readonly name: string;
  readonly kinds: readonly string[];
  /** What the first repair leaves for somebody to look at. */
  readonly leaves?: readonly string[];
  readonly damage: (image: ImageRecord, paths: { top: string; base: string }) => unknown;
}

const damages: readonly Damage[] = [
  {
    name: 'a file of a layer that was changed, with its size and time kept',
    kinds: ['image-layer-damaged', 'layer-file'],
    damage(_image, { top }) {
      writeFileSync(join(top, 'diff/b'), 'B');
    },
  },
  {
    name: 'a file of a layer that is gone',
    kinds: ['image-layer-damaged', 'layer-file'],
    damage: (_image, { top }) => rmSync(join(top, 'diff/b')),
  },
  {
    name: 'a file that was put into a layer',
    kinds: ['image-layer-damaged', 'layer-modified'],
    damage: (_image, { top }) => writeFileSync(join(top, 'diff/extra'), ''),
  },
  {
    name: 'the mode of a file that was changed',
    kinds: ['image-layer-damaged', 'layer-modified'],
    damage: (_image, { top }) => chmodSync(join(top, 'diff/b'), 0o4777),
  },
  {
    name: 'a folder of a layer that is gone',
    kinds: ['image-layer-damaged', 'layer-content-missing'],
    damage: (_image, { top }) => rmSync(join(top, 'diff'), { recursive: true }),
  },
  {
    name: 'a tar-split file that is gone',
    kinds: ['image-layer-damaged', 'layer-tar-split'],
    damage: ({ topLayer }) => rmSync(inGraph(`overlay-layers/${topLayer}.tar-split.gz`)),
  },
  {
    name: 'a tar-split file that was cut',
    kinds: ['image-layer-damaged', 'layer-tar-split'],
    damage: ({ topLayer }) => truncateSync(inGraph(`overlay-layers/${topLayer}.tar-split.gz`), 40),
  },
  {
    name: 'a tar-split file that is another',
    kinds: ['image-layer-damaged', 'layer-file'],
    damage({ topLayer }, { base }) {
      const other = inGraph(`overlay-layers/${base.split('/').at(-1)}.tar-split.gz`);
      writeFileSync(inGraph(`overlay-layers/${topLayer}.tar-split.gz`), readFileSync(other));
      rmSync(join(base, 'diff/a'));
    },
  },
  {
    name: 'a short link that is gone',
    kinds: ['layer-link'],
    damage: (_image, { base }) => rmSync(inGraph(`overlay/l/${readFileSync(join(base, 'link'))}`)),
  },
  {
    name: 'a file with the short link that is gone',
    kinds: ['layer-link'],
    damage: (_image, { base }) => rmSync(join(base, 'link')),
  },
  {
    name: 'a newline behind the short link',
    kinds: ['layer-link'],
    damage(_image, { base }) {
      writeFileSync(join(base, 'link'), `${readFileSync(join(base, 'link'))}\n`);
    },
  },
  {
    name: 'a list of layers below that is gone',
    kinds: ['layer-lowers'],
    damage: (_image, { top }) => rmSync(join(top, 'lower')),
  },
  {
    name: 'an empty list of layers below',
    kinds: ['layer-lowers'],
    damage: (_image, { top }) => writeFileSync(join(top, 'lower-layers'), ''),
  },
  {
    name: 'two lists of layers below that disagree',
    kinds: ['layer-lowers'],
    damage: ({ topLayer }, { top }) => writeFileSync(join(top, 'lower-layers'), topLayer ?? ''),
  },
  {
    name: 'a folder for mounting that is gone',
    kinds: ['layer-folders'],
    damage: (_image, { top, base }) => {
      rmSync(join(top, 'work'), { recursive: true });
      rmSync(join(base, 'empty'), { recursive: true });
    },
  },
  {
    name: 'a folder without a record',
    kinds: ['layer-unaccounted', 'leftover'],
    damage() {
      mkdirSync(inGraph(`overlay/${'9'.repeat(64)}/diff`), { recursive: true });
      symlinkSync(`../${'9'.repeat(64)}/diff`, inGraph('overlay/l/ABCDEFGHIJKLMNOPQRSTUVWXYZ'));
      writeFileSync(inGraph(`overlay-layers/${'9'.repeat(64)}.tar-split.gz`), '');
    },
  },
  {
    name: 'folders of images and containers without a record, and unfinished files',
    kinds: ['leftover'],
    async damage() {
      await store.containers.create({});
      for (const kind of ['images', 'containers']) mkdirSync(inGraph(`overlay-${kind}/${'9'.repeat(64)}`));
      writeFileSync(inGraph('overlay-images/.tmp-images.json123'), '[');
      mkdirSync(inGraph('overlay/tempdirs/temp-dir-77'), { recursive: true });
      writeFileSync(inGraph('overlay/tempdirs/lock-77'), '');
    },
  },
  {
    name: 'a manifest that is gone',
    kinds: ['image-data-missing'],
    damage: ({ id }) => rmSync(inGraph(`overlay-images/${id}/manifest`)),
  },
  {
    name: 'a config that was cut',
    kinds: ['image-data-size'],
    damage: ({ id }) =>
      truncateSync(inGraph(`overlay-images/${id}/=${Buffer.from(`sha256:${id}`).toString('base64')}`), 9),
  },
  {
    name: 'a config that was changed',
    kinds: ['image-data-digest'],
    damage({ id }) {
      const path = inGraph(`overlay-images/${id}/=${Buffer.from(`sha256:${id}`).toString('base64')}`);
      writeFileSync(path, readFileSync(path, 'utf8').replace('"sh"', '"su"'));
    },
  },
  {
    name: 'a record of a layer that is gone',
    kinds: [
      'image-layer-damaged',
      'image-layer-missing',
      'layer-parent-missing',
      'layer-unaccounted',
      'leftover',
    ],
    damage(_image, { base }) {
      const file = inGraph('overlay-layers/layers.json');
      const records: { id: string }[] = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify(records.filter(({ id }) => !base.endsWith(id))));
    },
  },
  {
    name: 'a record of a layer with another digest',
    kinds: ['image-layer-damaged', 'layer-digest'],
    damage({ topLayer }) {
      edit('overlay-layers/layers.json', (record) =>
        record.id === topLayer ? { ...record, 'diff-digest': `sha256:${'1'.repeat(64)}` } : record,
      );
    },
  },
  {
    name: 'a record of a layer with another size',
    kinds: ['image-layer-damaged', 'layer-size'],
    damage({ topLayer }) {
      edit('overlay-layers/layers.json', (record) =>
        record.id === topLayer ? { ...record, 'diff-size': 7 } : record,
      );
    },
  },
  {
    name: 'a layer that was being made',
    kinds: ['image-layer-missing', 'layer-incomplete'],
    damage({ topLayer }) {
      edit('overlay-layers/layers.json', (record) =>
        record.id === topLayer ? { ...record, flags: { incomplete: true } } : record,
      );
    },
  },
  {
    name: 'one name on two images',
    kinds: ['name-twice'],
    async damage(image) {
      const other = await addImage(store, 'localhost/b:1', [await fileLayer('a')]);
      edit('overlay-images/images.json', (record) =>
        record.id === other.id ? { ...record, names: image.names } : record,
      );
    },
  },
  {
    name: 'a layer that nothing needs, from last week',
    kinds: ['layer-unreferenced'],
    async damage() {
      const { id } = await store.layers.add(
        (async function* () {
          yield (await fileLayer('lonely')).bytes;
        })(),
      );
      edit('overlay-layers/layers.json', (record) =>
        record.id === id ? { ...record, created: '2020-01-01T00:00:00Z' } : record,
      );
    },
  },
  {
    name: 'a container whose image is gone',
    kinds: ['container-image-missing'],
    async damage(image) {
      await store.containers.create({ imageId: image.id });
      await store.images.delete(image.id, { force: true });
    },
  },
  {
    name: 'a container whose layer is gone',
    kinds: ['container-layer-missing', 'layer-unaccounted', 'leftover'],
    async damage(image) {
      const { layer } = await store.containers.create({ imageId: image.id });
      edit('overlay-layers/layers.json', (record) => (record.id === layer ? undefined : record));
    },
  },
  {
    name: 'a count of a mount that is gone',
    kinds: ['mount-stale'],
    async damage(image) {
      const { id } = await store.containers.create({ imageId: image.id });
      const merged = await store.containers.mount(id);
      execFileSync('umount', [merged]);
    },
  },
  {
    name: 'a mount that is not counted',
    kinds: ['mount-uncounted'],
    async damage(image) {
      const { id } = await store.containers.create({ imageId: image.id });
      await store.containers.mount(id);
      writeFileSync(join(house.runRoot, 'overlay-layers/mountpoints.json'), '[]');
    },
  },
  {
    name: 'a list of images that was cut',
    kinds: ['records-unreadable'],
    damage: () => truncateSync(inGraph('overlay-images/images.json'), 100),
  },
  {
    name: 'an empty list of images',
    kinds: ['records-lost'],
    damage: () => truncateSync(inGraph('overlay-images/images.json')),
  },
  {
    name: 'a list of layers that is gone',
    kinds: ['records-lost'],
    damage: () => renameSync(inGraph('overlay-layers/layers.json'), join(house.root, 'away')),
  },
  {
    name: 'a record of an image that is none',
    kinds: ['record-invalid'],
    damage: () => edit('overlay-images/images.json', (record) => ({ ...record, created: '' })),
  },
  {
    name: 'a list of containers that is something else',
    kinds: ['records-unreadable'],
    leaves: ['leftover'],
    async damage(image) {
      await store.containers.create({ imageId: image.id });
      writeFileSync(inGraph('overlay-containers/containers.json'), '\0'.repeat(512));
    },
  },
];

function edit(
  file: string,
  change: (record: Record<string, unknown> & { id: string }) => Record<string, unknown> | undefined,
): void {
  const path = inGraph(file);
  const records: (Record<string, unknown> & { id: string })[] = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify(records.map(change).filter((record) => record !== undefined)));
}

describe('a check finds, and a repair mends or removes,', () => {
  it.each(damages)('$name', async ({ kinds, damage, leaves = [] }) => {
    const image = await addImage(store, name, [await fileLayer('a'), await fileLayer('b')]);
    const base = (await store.layers.get(image.topLayer ?? ''))?.parent ?? '';
    await damage(image, { top: inGraph(`overlay/${image.topLayer}`), base: inGraph(`overlay/${base}`) });
    store = await house.open();
    const faults = await faultsOf();
    expect([...new Set(faults.map(({ kind }) => kind))].sort()).toEqual(kinds);
    for (const { message } of faults) expect(message).toMatch(/^[^\p{Cc}]{20,700}$/u);

    const report = await store.repair({ force: true });
    expect([...new Set(report.remaining.map(({ kind }) => kind))]).toEqual(leaves);
    if (report.remaining.length > 0) await store.repair();
    expect(await faultsOf()).toEqual([]);
    const isLost = kinds.some((kind) => /^image-(layer|data)/.test(kind)) && report.removed.images.length > 0;
    const isForced = kinds.includes('container-image-missing');
    expect((await store.images.list()).some(({ id }) => id === image.id)).toBe(!isLost && !isForced);
    expect(await house.podman('images', '-aq', '--no-trunc')).toMatch(isLost || isForced ? /^$/ : image.id);
    if (isLost || isForced) return;
    // What is left is as it was.
    for (const { id, diffDigest } of await store.layers.list()) {
      if (diffDigest !== undefined) expect(sha256(await readAll(store.layers.open(id)))).toBe(diffDigest);
    }
    const merged = await house.podman('image', 'mount', image.id);
    expect(readFileSync(join(merged, 'b'), 'utf8')).toBe('b');
    await house.podman('image', 'umount', image.id);
  });
});

describe('a repair', () => {
  it('keeps the names that can be read, and finds others with the containers', async () => {
    const layers = [await fileLayer('a'), await fileLayer('b')];
    const kept = await addImage(store, name, layers);
    const cut = await addImage(store, 'localhost/cut:1', layers, { own: 'yes' });
    await store.containers.create({
      imageId: cut.id,
      names: ['web'],
      metadata: JSON.stringify({ 'image-name': 'localhost/cut:1', 'image-id': cut.id }),
    });
    const file = inGraph('overlay-images/images.json');
    truncateSync(file, readFileSync(file).length - 30);
    const { mended, lost } = await store.repair();
    expect([mended.length, lost]).toEqual([1, []]);
    const images = await store.images.list();
    expect(images.map(({ id, names, digest }) => [id, names, digest])).toEqual([
      [kept.id, kept.names, kept.digest],
      [cut.id, cut.names, cut.digest],
    ]);
    const copies = readdirSync(inGraph('overlay-images')).filter((path) => path.includes('.broken-'));
    expect(copies).toHaveLength(1);
    expect(await faultsOf()).toEqual([]);
  });

  it('makes records of layers anew as they were, also those of containers', async () => {
    const image = await addImage(store, name, [await busyboxLayer(), await fileLayer('b')]);
    const id = await house.podman('create', '--name', 'web', '--runtime', 'runc', name, 'sh');
    expect((await store.containers.find('web'))?.id).toBe(id);
    const before = await store.layers.list();
    rmSync(inGraph('overlay-layers/layers.json'));
    const { lost } = await store.repair();
    expect(lost).toEqual([]);
    const times = (records: readonly object[]) =>
      records.map((record) => ({ ...record, created: '', names: [] }));
    expect(times(await store.layers.list())).toEqual(expect.arrayContaining(times(before)));
    expect(await faultsOf()).toEqual([]);
    expect(await house.podman('mount', 'web')).toContain('/merged');
    await house.podman('rm', '-f', 'web');
    expect(await store.images.delete(image.id)).toHaveLength(2);
  });

  it('leaves what a container needs, but by force', async () => {
    const image = await addImage(store, name, [await fileLayer('a'), await fileLayer('b')]);
    await store.containers.create({ imageId: image.id, names: ['web'] });
    writeFileSync(inGraph(`overlay/${image.topLayer}/diff/b`), 'B');
    const report = await store.repair();
    expect(report.removed).toEqual({ containers: [], images: [], layers: [] });
    expect([...new Set(report.remaining.map(({ kind }) => kind))]).toEqual([
      'layer-file',
      'image-layer-damaged',
      'container-image-damaged',
    ]);
    const { removed } = await store.repair({ faults: report.remaining, force: true });
    expect([removed.containers.length, removed.images.length, removed.layers.length]).toEqual([1, 1, 2]);
    expect(await faultsOf()).toEqual([]);
  });

  it('does only what it is asked for', async () => {
    const image = await addImage(store, name, [await fileLayer('a'), await fileLayer('b')]);
    rmSync(inGraph(`overlay/${image.topLayer}/lower`));
    mkdirSync(inGraph(`overlay-images/${'9'.repeat(64)}`));
    const faults = (await faultsOf()).filter(({ kind }) => kind === 'leftover');
    expect((await store.repair({ faults })).mended).toHaveLength(1);
    expect(await kindsOf()).toEqual(['layer-lowers']);
  });
});

describe('a check', () => {
  it('of a lower level looks at less, and says where it is', async () => {
    const image = await addImage(store, name, [await fileLayer('a'), await fileLayer('b')]);
    const top = inGraph(`overlay/${image.topLayer}`);
    writeFileSync(join(top, 'diff/extra'), '');
    const seen: string[] = [];
    const level = 'digests';
    expect(
      await kindsOf({
        level,
        onProgress: ({ state, current, total }) => seen.push(`${state} ${current}/${total}`),
      }),
    ).toEqual([]);
    expect(seen).toEqual(['layer 0/3', 'layer 1/3', 'image 2/3']);
    writeFileSync(join(top, 'diff/b'), 'B');
    expect(await kindsOf({ level: 'quick' })).toEqual([]);
    expect(await kindsOf({ level })).toEqual(['image-layer-damaged', 'layer-file']);
  });

  it('ends when its signal says so', async () => {
    await addImage(store, name, [await fileLayer('a')]);
    const controller = new AbortController();
    const check = faultsOf({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(check).rejects.toMatchObject({ code: 'canceled' });
  });

  it('tells no fault of what is removed while it looks', async () => {
    const image = await addImage(store, name, [await fileLayer('a')]);
    const other = await house.open();
    let removal: Promise<unknown> | undefined;
    const faults: Fault[] = [];
    for await (const fault of store.check({
      onProgress() {
        removal ??= other.images.delete(image.id);
      },
    })) {
      faults.push(fault);
    }
    await removal;
    expect(faults).toEqual([]);
  });
});
