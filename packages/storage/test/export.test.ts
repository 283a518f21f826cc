// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { setXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import {
  addImage,
  busyboxLayer,
  type House,
  openHouse,
  readAll,
  sha256,
  type TestLayer,
  writeLayout,
} from './support.ts';

const name = 'localhost/odd:1';
let house: House;
let source: string;
beforeEach(async () => {
  house = await openHouse();
  source = join(house.root, 'source');
  mkdirSync(source);
});
afterEach(() => house.close());

/** What GNU tar makes of the folder `source`. */
function packed(...options: string[]): TestLayer {
  const bytes = execFileSync('tar', ['-C', source, ...options, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
  return { bytes, diffId: sha256(bytes) };
}

/** Content at the beginning and in the middle, and a hole at the end. */
function makeSparse(): void {
  const path = join(source, 'sparse');
  writeFileSync(path, 'begin');
  truncateSync(path, 1 << 20);
  writeFileSync(path, 'middle', { flag: 'a' });
  truncateSync(path, 4 << 20);
}

function makeOdd(): void {
  writeFileSync(join(source, 'file'), 'content');
  linkSync(join(source, 'file'), join(source, 'hard'));
  setXattr(join(source, 'file'), 'user.note', Buffer.from('a\0b'));
  // cap_net_raw=ep
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  setXattr(join(source, 'hard'), 'security.capability', capability);
  execFileSync('mknod', [join(source, 'null'), 'c', '1', '3']);
  execFileSync('mknod', [join(source, 'pipe'), 'p']);
}

const cases: readonly { readonly name: string; make(): void; readonly options: readonly string[] }[] = [
  { name: 'a sparse file in the form of GNU', make: makeSparse, options: ['--format=gnu', '--sparse'] },
  ...['0.0', '0.1', '1.0'].map((version) => ({
    name: `a sparse file in the pax form ${version}`,
    make: makeSparse,
    options: ['--format=pax', '--sparse', `--sparse-version=${version}`],
  })),
  {
    name: 'a hard link, attributes, a device and a pipe',
    make: makeOdd,
    options: ['--format=pax', '--xattrs', '--xattrs-include=*'],
  },
];

describe('a layer that Lading has unpacked, with', () => {
  it.each(cases)('$name, is copied and pushed by skopeo and podman as it came', async ({ make, options }) => {
    make();
    const odd = packed(...options);
    expect(odd.bytes.length).toBeLessThan(1 << 16);
    const layers = [await busyboxLayer(), odd];
    const diffIds = layers.map(({ diffId }) => diffId);
    const store = await house.open();
    await addImage(store, name, layers);

    const folder = join(house.root, 'copy');
    await house.skopeo('copy', '-q', `containers-storage:${house.transport}${name}`, `dir:${folder}`);
    const copied = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(copied.layers.map(({ digest }: { digest: string }) => digest)).toEqual(diffIds);
    expect(readFileSync(join(folder, odd.diffId.slice(7))).equals(odd.bytes)).toBe(true);

    await using registry = await startDockerRegistry({ parent: house.root });
    await house.podman('push', '-q', '--tls-verify=false', name, `docker://${registry.host}/odd:1`);
    const get = async (path: string): Promise<Buffer> => {
      const accept = 'application/vnd.oci.image.manifest.v1+json';
      const response = await fetch(`http://${registry.host}/v2/odd/${path}`, { headers: { accept } });
      expect(response.status).toBe(200);
      return Buffer.from(await response.arrayBuffer());
    };
    const pushed: { layers: { digest: string }[] } = JSON.parse((await get('manifests/1')).toString());
    const blobs = await Promise.all(pushed.layers.map(({ digest }) => get(`blobs/${digest}`)));
    expect(blobs.map((blob) => sha256(gunzipSync(blob)))).toEqual(diffIds);
    expect((await Array.fromAsync(store.check())).map(({ message }) => message)).toEqual([]);
  });
});

/** A limit of the Go tools: their tar-split counts holes as content, and they know no entry of the type of GNU. */
describe('a sparse layer that skopeo unpacks', () => {
  const form = (version: string): TestLayer => {
    makeSparse();
    return packed(`--format=${version}`, '--sparse');
  };
  const pull = async (layer: TestLayer): Promise<string> => {
    const layout = join(house.root, 'layout');
    await writeLayout(layout, [layer]);
    return house.skopeo('copy', '-q', `oci:${layout}:test`, `containers-storage:${house.transport}${name}`);
  };

  it('in the pax form, cannot be given back by it or by Lading, as a check says', async () => {
    await pull(form('pax'));
    const folder = join(house.root, 'copy');
    await expect(
      house.skopeo('copy', '-q', `containers-storage:${house.transport}${name}`, `dir:${folder}`),
    ).rejects.toThrow(/Digest did not match/);
    const faults = await Array.fromAsync((await house.open()).check());
    expect(faults.map(({ kind }) => kind)).toEqual(['layer-digest', 'image-layer-damaged']);
  });

  it('in the form of GNU, is refused', async () => {
    await expect(pull(form('gnu'))).rejects.toThrow(/unhandled tar header type 83/);
  });
});

describe('a layer that is removed while it is read', () => {
  it.each(['and stays away', 'and is added again'])(
    '%s, is not known, and not said to be damaged',
    async (how) => {
      for (const name of ['a', 'b', 'c']) writeFileSync(join(source, name), name.repeat(1 << 20));
      const layer = packed('--sort=name');
      const store = await house.open();
      const { id, topLayer = '' } = await addImage(store, name, [layer]);
      const chunks = store.layers.open(topLayer)[Symbol.asyncIterator]();
      expect((await chunks.next()).done).toBe(false);
      await store.images.delete(id);
      if (how === 'and is added again') {
        rmSync(join(source, 'c'));
        await addImage(store, name, [layer]);
        rmSync(join(house.graphRoot, 'overlay', topLayer, 'diff/c'));
      }
      const rest = (async () => {
        while ((await chunks.next()).done !== true);
      })();
      await expect(rest).rejects.toMatchObject({ code: 'not_found', reason: 'LAYER_UNKNOWN' });
    },
  );

  it('is damaged when a file of it is gone', async () => {
    writeFileSync(join(source, 'a'), 'a');
    const store = await house.open();
    const { topLayer = '' } = await addImage(store, name, [packed()]);
    rmSync(join(house.graphRoot, 'overlay', topLayer, 'diff/a'));
    await expect(readAll(store.layers.open(topLayer))).rejects.toMatchObject({ code: 'data_loss' });
  });
});
