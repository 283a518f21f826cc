// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { encodeJson, parseDigest } from '@lading/image-spec';
import { lockFile } from '@lading/linux';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/index.ts';
import {
  addImage,
  addLayers,
  chunksOf,
  fileLayer,
  type House,
  openHouse,
  readAll,
  sha256,
  type TestLayer,
  testImage,
} from './support.ts';

let house: House;
let store: Store;
let layers: readonly TestLayer[];
const first = 'localhost/first:1';
const second = 'localhost/second:1';
beforeAll(async () => {
  layers = [await fileLayer('a'), await fileLayer('b'), await fileLayer('c')];
});
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

const inGraph = (path: string): string => join(house.graphRoot, path);
const none = parseDigest(`sha256:${'0'.repeat(64)}`);
const layer = (index: number): TestLayer => {
  const found = layers[index];
  if (found === undefined) throw new Error('no such layer');
  return found;
};

describe('opening', () => {
  it('makes the folders, and says that the kernel mounts', () => {
    expect(readdirSync(house.graphRoot).sort()).toEqual([
      'overlay',
      'overlay-containers',
      'overlay-images',
      'overlay-layers',
    ]);
    expect(readFileSync(inGraph('overlay/.has-mount-program'), 'utf8')).toBe('false');
  });

  it('is refused for a store that a program mounts', async () => {
    writeFileSync(inGraph('overlay/.has-mount-program'), 'true');
    await expect(house.open()).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });
});

describe('a layer', () => {
  it('is there all the same where the file system is synced before it counts', async () => {
    const synced = await house.open({ sync: 'filesystem' });
    const { bytes, diffId } = layer(0);
    const added = await synced.layers.add(chunksOf(bytes), { expectedDiffId: diffId });
    expect(added.flags).toEqual({});
    expect(await store.layers.get(added.id)).toMatchObject({ diffDigest: diffId });
  });

  it('that is compressed is noted with both digests, and comes out uncompressed', async () => {
    const { bytes, diffId } = layer(0);
    const blob = gzipSync(bytes);
    const added = await store.layers.add(chunksOf(blob), {
      expectedDigest: sha256(blob),
      expectedDiffId: diffId,
    });
    expect(added).toMatchObject({
      id: diffId.slice(7),
      parent: undefined,
      compressedDiffDigest: sha256(blob),
      compressedSize: blob.length,
      diffDigest: diffId,
      diffSize: bytes.length,
      compression: 2,
      uidSet: [0],
      gidSet: [0],
    });
    expect((await readAll(store.layers.open(added.id))).equals(bytes)).toBe(true);
    expect(await store.layers.get(added.id)).toEqual(added);
    expect(statSync(inGraph(`overlay-layers/${added.id}.tar-split.gz`)).mode & 0o777).toBe(0o600);
  });

  it.each(['expectedDigest', 'expectedDiffId'] as const)(
    'with another %s is refused and leaves nothing',
    async (what) => {
      await expect(store.layers.add(chunksOf(layer(0).bytes), { [what]: none })).rejects.toMatchObject({
        code: Code.DataLoss,
        reason: 'DIGEST_MISMATCH',
      });
      expect(await store.layers.list()).toEqual([]);
      expect(readdirSync(inGraph('overlay')).sort()).toEqual(['.has-mount-program', 'l', 'tempdirs']);
      expect(readdirSync(inGraph('overlay/tempdirs'))).toEqual([]);
      expect(readdirSync(inGraph('overlay-layers/tmp'))).toEqual([]);
    },
  );

  it('can have a SHA-512 digest', async () => {
    const { bytes } = layer(0);
    const { createHash } = await import('node:crypto');
    const digest = parseDigest(`sha512:${createHash('sha512').update(bytes).digest('hex')}`);
    expect((await store.layers.add(chunksOf(bytes), { expectedDigest: digest })).diffSize).toBe(bytes.length);
    const other = parseDigest(`sha512:${'0'.repeat(128)}`);
    await expect(store.layers.add(chunksOf(bytes), { expectedDigest: other })).rejects.toMatchObject({
      reason: 'DIGEST_MISMATCH',
    });
  });

  it('that is there already is given back, and its source is closed unread', async () => {
    const [added] = await addLayers(store, [layer(0)]);
    let state = 'not asked';
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('was read')),
        return: async () => {
          state = 'closed';
          return { done: true, value: undefined };
        },
      }),
    };
    expect(await store.layers.add(source, { expectedDiffId: layer(0).diffId })).toEqual(added);
    expect(state).toBe('closed');
  });

  it('can be unpacked beside others and committed in order', async () => {
    const staged = await Promise.all(layers.map(({ bytes }) => store.layers.stage(chunksOf(bytes))));
    expect(await store.layers.list()).toEqual([]);
    let parent: string | undefined;
    for (const one of staged) parent = (await one.commit(parent)).id;
    const ids: string[] = [];
    for (const { diffId } of layers) ids.push(store.layers.idFor(ids.at(-1), diffId));
    expect((await store.layers.list()).map(({ id }) => id)).toEqual(ids);
    expect(parent).toBe(ids.at(-1));
    await expect(staged[0]?.commit()).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });

  it('is not put on top of one that is not there, and can be committed elsewhere after that', async () => {
    await using staged = await store.layers.stage(chunksOf(layer(0).bytes));
    await expect(staged.commit('f'.repeat(64))).rejects.toMatchObject({ code: Code.NotFound });
    expect((await staged.commit()).id).toBe(layer(0).diffId.slice(7));
  });

  it('is not put on top of the layer of a container', async () => {
    const container = await store.containers.create({ names: ['web'] });
    await expect(
      store.layers.add(chunksOf(layer(0).bytes), { parent: container.layer }),
    ).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      message: expect.stringContaining(container.id.slice(0, 12)),
    });
  });

  it('replaces a folder without a record, such as another tool leaves', async () => {
    const { mkdirSync } = await import('node:fs');
    const id = layer(0).diffId.slice(7);
    mkdirSync(inGraph(`overlay/${id}/diff/old`), { recursive: true });
    await addLayers(store, [layer(0)]);
    expect(readdirSync(inGraph(`overlay/${id}/diff`))).toEqual(['a']);
  });

  it('that fails halfway leaves nothing', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield layer(0).bytes.subarray(0, 700);
      throw new Error('the connection broke');
    }
    await expect(store.layers.add(broken())).rejects.toThrow('the connection broke');
    const abort = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield layer(0).bytes.subarray(0, 700);
      abort.abort();
      yield layer(0).bytes.subarray(700);
    }
    await expect(store.layers.add(endless(), { signal: abort.signal })).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(readdirSync(inGraph('overlay/tempdirs'))).toEqual([]);
    expect(await store.layers.list()).toEqual([]);
  });

  it('is only deleted when nothing needs it', async () => {
    const [lower, upper] = await addLayers(store, layers.slice(0, 2));
    await expect(store.layers.delete(lower?.id ?? '')).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'LAYER_IN_USE',
      message: expect.stringContaining(`layer ${upper?.id.slice(0, 12)}`),
    });
    await store.layers.delete(upper?.id ?? '');
    await store.layers.delete(lower?.id ?? '');
    await expect(store.layers.delete(lower?.id ?? '')).rejects.toMatchObject({ code: Code.NotFound });
    expect(readdirSync(inGraph('overlay/l'))).toEqual([]);
    expect(readdirSync(inGraph('overlay-layers')).sort()).toEqual(['layers.json', 'layers.lock', 'tmp']);
  });

  it('does not give its archive when a file was changed', async () => {
    const [added] = await addLayers(store, [layer(0)]);
    writeFileSync(inGraph(`overlay/${added?.id}/diff/a`), 'b');
    await expect(readAll(store.layers.open(added?.id ?? ''))).rejects.toMatchObject({ code: Code.DataLoss });
    await expect(readAll(store.layers.open('unknown'))).rejects.toMatchObject({ code: Code.NotFound });
  });
});

describe('an image', () => {
  it('is found by id, start of it, name and digests', async () => {
    const image = await addImage(store, first, layers);
    const refs = [image.id, `sha256:${image.id}`, image.id.slice(0, 5), first, image.digest ?? ''];
    expect(await Promise.all(refs.map(async (ref) => (await store.images.find(ref))?.id))).toEqual(
      refs.map(() => image.id),
    );
    expect(await store.images.find('localhost/other:1')).toBeUndefined();
    expect(image).toMatchObject({
      names: [first],
      namesHistory: [first],
      created: '2026-01-02T03:04:05.000Z',
    });
  });

  it('is not found by the start of two ids', async () => {
    const images = [];
    for (let index = 0; index < 17; index += 1) {
      images.push(
        await addImage(store, `localhost/n:${index}`, layers.slice(0, 1), { index: String(index) }),
      );
    }
    const starts = images.map(({ id }) => id.slice(0, 1));
    const twice = starts.find((start, index) => starts.indexOf(start) !== index) ?? '';
    await expect(store.images.find(twice)).rejects.toMatchObject({
      code: Code.InvalidArgument,
      reason: 'AMBIGUOUS_ID',
    });
  });

  it('takes its name from the image that had it, in one step', async () => {
    const old = await addImage(store, first, layers.slice(0, 1));
    await store.images.addName(old.id, second);
    const fresh = await addImage(store, first, layers);
    expect((await store.images.find(old.id))?.names).toEqual([second]);
    expect((await store.images.find(old.id))?.namesHistory).toEqual([second, first]);
    await store.images.addName(fresh.id, second);
    expect((await store.images.list()).map(({ names }) => names)).toEqual([[], [second, first]]);
    expect((await store.images.removeName(fresh.id, first)).names).toEqual([second]);
    await expect(store.images.removeName(fresh.id, first)).rejects.toMatchObject({ reason: 'NAME_UNKNOWN' });
    await expect(store.images.addName('f'.repeat(64), first)).rejects.toMatchObject({ code: Code.NotFound });
    await expect(store.images.addName(fresh.id, 'localhost/no-tag')).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('that comes a second time with another manifest has both', async () => {
    const image = await addImage(store, first, layers);
    const { config, id } = testImage(layers);
    const original = await store.images.readManifest(id);
    const other = Buffer.concat([Buffer.from(original), Buffer.from('\n')]);
    const index = encodeJson({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    });
    const again = await store.images.create({
      id,
      names: [second],
      digest: sha256(index),
      manifests: [
        { digest: sha256(index), bytes: index },
        { digest: sha256(other), bytes: other },
      ],
      config: { digest: sha256(config), bytes: config },
    });
    expect(again).toMatchObject({ names: [second, first], digest: sha256(index), topLayer: image.topLayer });
    expect((await store.images.list()).length).toBe(1);
    expect(Buffer.from(await store.images.readManifest(id))).toEqual(other);
    expect(await store.images.bigData(id, `manifest-${sha256(index)}`)).toEqual(Buffer.from(index));
    expect(await store.images.bigData(id, `manifest-${image.digest}`)).toEqual(Buffer.from(original));
    expect(await store.images.bigData(id, 'nothing')).toBeUndefined();
    for (const digest of [image.digest ?? '', sha256(index), sha256(other)]) {
      expect((await store.images.find(digest))?.id).toBe(id);
    }
    expect(await house.podman('images', '--no-trunc', '-q', first)).toBe(`sha256:${id}`);
  });

  it.each<[string, object, object]>([
    ['a name without a tag', { names: ['localhost/a'] }, { code: Code.InvalidArgument }],
    ['an id that is none', { id: 'x' }, { code: Code.InvalidArgument }],
    ['a digest that is none', { digest: 'sha256:1' }, { code: Code.InvalidArgument }],
    ['a layer that is not there', { topLayer: 'f'.repeat(64) }, { reason: 'LAYER_UNKNOWN' }],
    [
      'a config that is another',
      { config: { digest: none, bytes: Buffer.from('{}') } },
      { reason: 'DIGEST_MISMATCH' },
    ],
    [
      'a manifest that is another',
      { manifests: [{ digest: none, bytes: Buffer.from('{}') }] },
      { reason: 'DIGEST_MISMATCH' },
    ],
    ['no manifest', { manifests: [] }, { code: Code.InvalidArgument }],
    ['no config, being no list', { config: undefined }, { code: Code.InvalidArgument }],
  ])('with %s is refused and leaves nothing', async (_name, fault, error) => {
    const { config, manifest, id, digest } = testImage([]);
    const good = {
      id,
      digest,
      manifests: [{ digest, bytes: manifest }],
      config: { digest: sha256(config), bytes: config },
    };
    await expect(store.images.create({ ...good, ...fault })).rejects.toMatchObject(error);
    expect(await store.images.list()).toEqual([]);
    expect(readdirSync(inGraph('overlay-images')).filter((name) => name.length === 64)).toEqual([]);
    expect((await store.images.create(good)).id).toBe(id);
  });

  it('may be a list, which podman reads, and which is changed by one at a time', async () => {
    const bytes = encodeJson({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    });
    const id = 'a1'.repeat(32);
    const places = Buffer.from('{}');
    const list = await store.images.create({
      id,
      names: ['localhost/list:1'],
      digest: sha256(bytes),
      manifests: [{ digest: sha256(bytes), bytes }],
      data: new Map([['instances.json', places]]),
      metadata: '',
    });
    expect(list).toMatchObject({ bigDataNames: ['manifest', 'instances.json'], topLayer: undefined });
    expect(JSON.parse(await house.podman('manifest', 'inspect', 'list:1'))).toMatchObject({
      schemaVersion: 2,
    });
    const order: string[] = [];
    const turn = (name: string): Promise<void> =>
      store.images.exclusively(id, async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} out`);
      });
    await Promise.all([turn('a'), turn('b')]);
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out']);
    await expect(store.images.exclusively('../x', async () => {})).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    expect(await store.images.delete(id)).toEqual([]);
  });

  it('is deleted with the layers that no other needs', async () => {
    const small = await addImage(store, first, layers.slice(0, 1));
    const large = await addImage(store, second, layers);
    expect(await store.images.delete(large.id)).toHaveLength(2);
    expect((await store.layers.list()).map(({ id }) => id)).toEqual([small.topLayer]);
    expect(await store.images.delete(small.id)).toEqual([small.topLayer]);
    await expect(store.images.delete(small.id)).rejects.toMatchObject({ code: Code.NotFound });
    expect(readdirSync(inGraph('overlay-images')).sort()).toEqual(['images.json', 'images.lock']);
    expect(readdirSync(inGraph('overlay/l'))).toEqual([]);
  });

  it('is not deleted while a container needs it, but by force; its layers stay', async () => {
    const image = await addImage(store, first, layers);
    const container = await store.containers.create({ imageId: image.id, names: ['web'] });
    await expect(store.images.delete(image.id)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'IMAGE_IN_USE',
      message: expect.stringMatching(/localhost\/first:1 is in use by container web/),
    });
    expect(await store.images.delete(image.id, { force: true })).toEqual([]);
    expect(readdirSync(await store.containers.mount('web')).sort()).toEqual(['a', 'b', 'c']);
    await store.containers.delete(container.id);
  });

  it('is not read when its files were changed', async () => {
    const image = await addImage(store, first, layers);
    writeFileSync(inGraph(`overlay-images/${image.id}/manifest`), '{}');
    await expect(store.images.readManifest(image.id)).rejects.toMatchObject({
      code: Code.DataLoss,
      message: expect.stringContaining(`overlay-images/${image.id}/manifest`),
    });
    await expect(store.images.readConfig('f'.repeat(64))).rejects.toMatchObject({ code: Code.NotFound });
  });

  it('list that is damaged is named, and nothing is changed', async () => {
    await addImage(store, first, layers);
    const file = inGraph('overlay-images/images.json');
    writeFileSync(file, '[{"id":7}]');
    const damaged = { code: Code.DataLoss, message: expect.stringContaining(file) };
    await expect(store.images.list()).rejects.toMatchObject(damaged);
    await expect(addImage(store, second, layers)).rejects.toMatchObject(damaged);
    expect(readFileSync(file, 'utf8')).toBe('[{"id":7}]');
  });
});

describe('a container', () => {
  it('has folders, a layer and a record that lasts until it is deleted', async () => {
    const image = await addImage(store, first, layers);
    const made = await store.containers.create({
      imageId: image.id,
      names: ['web'],
      metadata: '{"own":true}',
      flags: { own: [1] },
    });
    expect(made).toMatchObject({
      imageId: image.id,
      names: ['web'],
      metadata: '{"own":true}',
      flags: { MountLabel: '', ProcessLabel: '', own: [1] },
    });
    expect(await store.layers.get(made.layer)).toMatchObject({
      parent: image.topLayer,
      diffDigest: undefined,
    });
    const folders = [store.containers.directory(made.id), store.containers.runDirectory(made.id)];
    expect(folders.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
    for (const ref of [made.id, made.id.slice(0, 6), 'web', made.layer]) {
      expect(await (await house.open()).containers.find(ref)).toEqual(made);
    }
    await store.containers.delete('web');
    expect([await store.containers.list(), folders.map((path) => existsSync(path))]).toEqual([
      [],
      [false, false],
    ]);
    expect(await store.layers.get(made.layer)).toBeUndefined();
    for (const call of ['delete', 'mount', 'unmount'] as const) {
      await expect(store.containers[call]('web')).rejects.toMatchObject({
        code: Code.NotFound,
        message: 'web: container not known',
      });
    }
  });

  it('has a name of its own', async () => {
    const { id } = await store.containers.create({ names: ['web'] });
    await expect(store.containers.create({ names: ['web'] })).rejects.toMatchObject({
      code: Code.AlreadyExists,
      reason: 'NAME_IN_USE',
      message: expect.stringContaining(id),
    });
    await expect(store.containers.create({ id })).rejects.toMatchObject({ reason: 'ID_IN_USE' });
    await expect(store.containers.create({ imageId: 'f'.repeat(64) })).rejects.toMatchObject({
      reason: 'IMAGE_UNKNOWN',
    });
    await expect(store.containers.create({ layer: 'f'.repeat(64) })).rejects.toMatchObject({
      reason: 'LAYER_UNKNOWN',
    });
    await expect(store.containers.create({ id: '../../x' })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    expect(() => store.containers.directory('../../x')).toThrow();
    expect(await store.containers.list()).toHaveLength(1);
    expect(await store.layers.list()).toHaveLength(1);
  });

  it('whose deletion was cut off can be deleted again', async () => {
    const { id, layer: own } = await store.containers.create({ names: ['web'] });
    const file = inGraph('overlay-layers/layers.json');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('"created"', '"flags":{"incomplete":true},"created"'),
    );
    await store.containers.delete(id);
    expect([await store.containers.list(), await store.layers.list()]).toEqual([[], []]);
    expect(existsSync(inGraph(`overlay/${own}`))).toBe(false);
  });

  it('can be made, mounted and deleted by many at once, in several stores', async () => {
    const image = await addImage(store, first, layers);
    const stores = [store, await house.open(), await house.open()];
    await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const { containers } = stores[index % stores.length] ?? store;
        const { id } = await containers.create({ imageId: image.id, names: [`c${index}`] });
        const merged = await containers.mount(id);
        writeFileSync(join(merged, 'own'), id);
        await containers.unmount(id);
        if (index % 2 === 0) await containers.delete(id);
      }),
    );
    expect((await store.containers.list()).map(({ names }) => names[0]).sort()).toEqual(
      Array.from({ length: 12 }, (_, index) => `c${index * 2 + 1}`).sort(),
    );
    expect(await store.layers.list()).toHaveLength(layers.length + 12);
  });

  it('is waited for only as long as the signal lets it', async () => {
    await store.containers.list();
    using _held = await lockFile(inGraph('overlay-layers/layers.lock'), { mode: 'exclusive' });
    const calls = [
      store.containers.create({}, { signal: AbortSignal.timeout(20) }),
      store.layers.list({ signal: AbortSignal.timeout(20) }),
    ];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/deadline_exceeded|canceled/) });
    }
  });
});
