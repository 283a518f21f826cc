// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { mount, syncFilesystem, unmount } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../src/index.ts';
import {
  addImage,
  chunksOf,
  fileLayer,
  type House,
  openHouse,
  programArguments,
  readAll,
  type TestLayer,
  testLayer,
} from './support.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const name = 'localhost/a:1';

async function faultsOf(store: Store): Promise<readonly string[]> {
  return (await Array.fromAsync(store.check())).map(({ message }) => message);
}

/** A store on a file system of its own, which is small. */
async function smallStore(data: string): Promise<Store> {
  mkdirSync(house.graphRoot, { mode: 0o700 });
  mount({ type: 'tmpfs', target: house.graphRoot, data });
  return house.open();
}

function manyFiles(count: number, sizeBytes: number, owner = 0): Promise<TestLayer> {
  return testLayer(async (folder) => {
    await mkdir(join(folder, 'many'));
    const text = 'x'.repeat(sizeBytes);
    for (let index = 0; index < count; index += 1) await writeFile(join(folder, 'many', `${index}`), text);
    execFileSync('chown', ['-R', String(owner), folder]);
  });
}

describe('a store', () => {
  it('whose disk is full says so, changes nothing, and goes on when there is room', async () => {
    const store = await smallStore('size=4m');
    const image = await addImage(store, name, [await fileLayer('a')]);
    const large = await manyFiles(60, 100_000);
    await expect(store.layers.add(chunksOf(large.bytes))).rejects.toMatchObject({
      code: Code.ResourceExhausted,
      reason: 'ENOSPC',
      message: expect.stringMatching(/many\/\d+|ENOSPC/),
    });
    expect(await faultsOf(store)).toEqual([]);
    // Now without room for anything at all.
    const filler = join(house.graphRoot, 'filler');
    expect(() =>
      execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' }),
    ).toThrow();
    const full = { code: Code.ResourceExhausted, reason: 'ENOSPC' };
    await expect(store.containers.create({ imageId: image.id, names: ['web'] })).rejects.toMatchObject({
      ...full,
      message: expect.stringContaining(`cannot write ${house.graphRoot}/overlay-layers/layers.json: ENOSPC`),
    });
    await expect(addImage(store, 'localhost/b:1', [await fileLayer('b')])).rejects.toMatchObject(full);
    rmSync(filler);
    expect(await store.containers.list()).toEqual([]);
    expect((await store.images.list()).map(({ names }) => names)).toEqual([[name]]);
    expect(await faultsOf(store)).toEqual([]);
    await store.containers.create({ imageId: image.id, names: ['web'] });
    expect(await faultsOf(store)).toEqual([]);
  });

  it('whose quota is used up says so, changes nothing, and goes on when there is room', async () => {
    // Of the file systems with quotas the one that every kernel has them of.
    const [image, volume] = [join(house.root, 'disk'), join(house.root, 'volume')];
    execFileSync('truncate', ['-s', '256M', image]);
    execFileSync('mkfs.btrfs', ['-q', image]);
    mkdirSync(volume);
    execFileSync('mount', ['-o', 'loop', image, volume]);
    execFileSync('btrfs', ['quota', 'enable', volume]);
    execFileSync('btrfs', ['subvolume', 'create', join(volume, 'graph')], { stdio: 'ignore' });
    execFileSync('btrfs', ['qgroup', 'limit', '6M', join(volume, 'graph')]);
    await using store = await openStore({ graphRoot: join(volume, 'graph'), runRoot: house.runRoot });
    const added = await addImage(store, name, [await fileLayer('a')]);
    const large = await manyFiles(100, 100_000);
    const full = {
      code: Code.ResourceExhausted,
      reason: 'EDQUOT',
      message: expect.stringContaining('quota'),
    };
    await expect(store.layers.add(chunksOf(large.bytes))).rejects.toMatchObject(full);
    await syncFilesystem(volume);
    expect(await store.layers.list()).toHaveLength(1);
    expect(await faultsOf(store)).toEqual([]);
    const made = await store.containers.create({ imageId: added.id, names: ['web'] });
    const filler = join(await store.containers.mount('web'), 'filler');
    expect(() =>
      execFileSync('dd', ['if=/dev/urandom', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' }),
    ).toThrow();
    await expect(addImage(store, 'localhost/b:1', [await manyFiles(10, 10_000)])).rejects.toMatchObject(full);
    rmSync(filler);
    await syncFilesystem(volume);
    expect((await store.images.list()).map(({ names }) => names)).toEqual([[name]]);
    expect(await faultsOf(store)).toEqual([]);
    await store.containers.delete(made.id);
    await addImage(store, 'localhost/b:1', [await manyFiles(10, 10_000)]);
    expect(await faultsOf(store)).toEqual([]);
  });

  it('that has no inodes left says so, and changes nothing', async () => {
    const store = await smallStore('nr_inodes=150');
    await addImage(store, name, [await fileLayer('a')]);
    const large = await manyFiles(200, 1);
    await expect(store.layers.add(chunksOf(large.bytes))).rejects.toMatchObject({
      code: Code.ResourceExhausted,
      reason: 'ENOSPC',
    });
    expect(await store.layers.list()).toHaveLength(1);
    expect(await faultsOf(store)).toEqual([]);
    await addImage(store, 'localhost/b:1', [await fileLayer('b')]);
    expect(await faultsOf(store)).toEqual([]);
  });

  it('on a read-only file system is read and checked, and refuses to be changed', async () => {
    const writable = await openStore(house);
    const layer = await fileLayer('a');
    const image = await addImage(writable, name, [layer]);
    await writable.close();
    expect(existsSync(join(house.graphRoot, 'overlay-containers/containers.lock'))).toBe(false);
    mount({ source: house.graphRoot, target: house.graphRoot, flags: ['bind'] });
    mount({ target: house.graphRoot, flags: ['bind', 'remount', 'readonly'] });
    const store = await house.open();
    expect((await store.images.list()).map(({ id }) => id)).toEqual([image.id]);
    expect(Buffer.from(layer.bytes).equals(await readAll(store.layers.open(image.topLayer ?? '')))).toBe(
      true,
    );
    expect(await faultsOf(store)).toEqual([]);
    const refused = {
      code: Code.PermissionDenied,
      reason: 'EROFS',
      message: expect.stringContaining(house.graphRoot),
    };
    await expect(store.containers.create({ imageId: image.id })).rejects.toMatchObject(refused);
    await expect(store.images.addName(image.id, 'localhost/b:1')).rejects.toMatchObject(refused);
    await expect(store.images.delete(image.id)).rejects.toMatchObject(refused);
    unmount(house.graphRoot);
    await store.images.addName(image.id, 'localhost/b:1');
    expect(await faultsOf(store)).toEqual([]);
  });

  it('in a process without free descriptors says so, and is whole afterwards', async () => {
    const { bytes } = await manyFiles(20, 100);
    const tar = join(house.root, 'layer.tar');
    await writeFile(tar, bytes);
    const command = `ulimit -n 80; exec "$@"`;
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        command,
        'sh',
        process.execPath,
        ...programArguments('few-files.ts'),
        house.graphRoot,
        house.runRoot,
        tar,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const lines = (await readAll(child.stdout)).toString().trim().split('\n');
    expect(await ended).toEqual([0, null]);
    expect(lines).toEqual([Code.ResourceExhausted, 'done']);
    expect(await faultsOf(await house.open())).toEqual([]);
  });

  it('is not checked, mended or pruned while another process holds its lock, and is at once when that is killed', async () => {
    const store = await house.open();
    const child = spawn(
      process.execPath,
      [...programArguments('half-commit.ts'), house.graphRoot, house.runRoot, 'ab'.repeat(32)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(child.stdout, 'data');
      const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(40) });
      const late = { code: expect.stringMatching(/deadline_exceeded|canceled/) };
      await expect(Array.fromAsync(store.check(soon()))).rejects.toMatchObject(late);
      await expect(store.repair({ faults: [], ...soon() })).rejects.toMatchObject(late);
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    expect(await faultsOf(store)).not.toEqual([]);
    await store.repair();
    expect(await faultsOf(store)).toEqual([]);
  });
});

const files = [
  { file: 'graph/overlay-images/images.json', use: (store: Store) => store.images.list() },
  { file: 'graph/overlay-layers/layers.json', use: (store: Store) => store.layers.list() },
  { file: 'graph/overlay-containers/containers.json', use: (store: Store) => store.containers.list() },
  { file: 'run/overlay-layers/mountpoints.json', use: (store: Store) => store.containers.mount('web') },
] as const;
const spoils: readonly (readonly [what: string, spoil: (text: string) => string])[] = [
  ['cut in the middle', (text) => text.slice(0, text.length / 2)],
  ['full of zeros', (text) => '\0'.repeat(text.length)],
  ['another kind of JSON', () => '{"version":2}'],
  ['a list of something else', () => '[7]'],
];

describe('a file of records', () => {
  const cases = files.flatMap(({ file, use }) => spoils.map(([what, spoil]) => ({ file, use, what, spoil })));
  it.each(cases)(
    '$file that is $what is named in the error, and mended by a repair',
    async ({ file, use, spoil }) => {
      const store = await house.open();
      const image = await addImage(store, name, [await fileLayer('a'), await fileLayer('b')]);
      const { id } = await store.containers.create({ imageId: image.id, names: ['web'] });
      writeFileSync(
        join(store.containers.directory(id), 'config.json'),
        JSON.stringify({ root: { path: await store.containers.mount(id) } }),
      );
      const path = join(house.root, file);
      writeFileSync(path, spoil(readFileSync(path, 'utf8')));
      const before = readFileSync(path);
      await expect(use(store)).rejects.toMatchObject({
        code: Code.DataLoss,
        reason: 'STORE_DAMAGED',
        message: expect.stringMatching(new RegExp(`${path}.*repair`)),
      });
      expect(readFileSync(path).equals(before)).toBe(true);
      expect((await faultsOf(store)).join('\n')).toContain(path);

      const report = await store.repair();
      expect(report.mended.join('\n')).toContain(path);
      expect(await faultsOf(store)).toEqual([]);
      expect((await store.images.list()).map((one) => one.id)).toEqual([image.id]);
      expect((await store.layers.list()).length).toBe(3);
      expect((await store.containers.list()).map((one) => one.id)).toEqual([id]);
      await store.containers.unmount(id, { force: true });
      await store.containers.mount(id);
      expect(await house.podman('ps', '-a', '--external', '--no-trunc', '-q')).toBe(id);
      await store.containers.delete(id);
    },
  );
});

describe('a layer', () => {
  it.each([
    ['without its content', 'diff', (path: string) => rmSync(path, { recursive: true })],
    [
      'whose link cannot be read',
      'link',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('%s is named when it is used', async (_what, part, spoil) => {
    const store = await house.open();
    const image = await addImage(store, name, [await fileLayer('a')]);
    const path = join(house.graphRoot, 'overlay', image.topLayer ?? '', part);
    spoil(path);
    await expect(store.containers.create({ imageId: image.id })).rejects.toMatchObject({
      message: expect.stringContaining(image.topLayer?.slice(0, 12) ?? ''),
    });
    expect(await store.layers.list()).toHaveLength(1);
    expect((await faultsOf(store)).join('\n')).toContain(path);
    await store.repair();
    expect(await faultsOf(store)).toEqual([]);
  });
});
