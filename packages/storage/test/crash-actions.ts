// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex, encodeJson } from '@lading/image-spec';
import type { Store } from '../src/index.ts';
import { sha256 } from './support.ts';

export const baseName = 'localhost/base:1';
export const otherName = 'localhost/other:1';
export const newName = 'localhost/new:1';

/** Each can be done again when it was cut off, and then is done. */
type Action = (store: Store, newTar: () => AsyncIterable<Uint8Array>) => Promise<unknown>;

export const crashActions: Readonly<Record<string, Action>> = {
  'add a layer': (store, newTar) => store.layers.add(newTar()),
  async 'commit a staged layer'(store, newTar) {
    const base = await store.images.find(baseName);
    await using staged = await store.layers.stage(newTar());
    await staged.commit(base?.topLayer);
  },
  async 'commit layers that were staged at once'(store, newTar) {
    const staged = await Promise.all([newTar(), newTar()].map((tar) => store.layers.stage(tar)));
    try {
      let parent: string | undefined;
      for (const layer of staged) parent = (await layer.commit(parent)).id;
    } finally {
      for (const layer of staged) await layer[Symbol.asyncDispose]();
    }
  },
  async 'delete a layer'(store, newTar) {
    const { id } = await store.layers.add(newTar());
    await store.layers.delete(id);
  },
  async 'create an image'(store) {
    const base = await store.images.find(baseName);
    const read = async (bytes: Promise<Uint8Array>) => JSON.parse(Buffer.from(await bytes).toString());
    const config = encodeJson({ ...(await read(store.images.readConfig(base?.id ?? ''))), author: 'new' });
    const old = await read(store.images.readManifest(base?.id ?? ''));
    const digest = sha256(config);
    const manifest = encodeJson({ ...old, config: { ...old.config, digest, size: config.length } });
    await store.images.create({
      id: digestHex(digest),
      digest: sha256(manifest),
      names: [newName, otherName],
      topLayer: base?.topLayer ?? '',
      manifests: [{ digest: sha256(manifest), bytes: manifest }],
      config: { digest, bytes: config },
    });
  },
  async 'move a name'(store) {
    const image = await store.images.find(otherName);
    await store.images.addName(image?.id ?? '', baseName);
  },
  async 'keep data with an image'(store) {
    const image = await store.images.find(otherName);
    await store.images.setBigData(image?.id ?? '', 'note', Buffer.from('kept'));
  },
  async 'edit an image'(store) {
    const image = await store.images.find(otherName);
    await store.images.edit(image?.id ?? '', { names: [otherName, newName], flags: { note: true } });
  },
  async 'collect garbage'(store) {
    const folder = join(store.graphRoot, 'overlay', 'f'.repeat(64));
    mkdirSync(join(folder, 'diff/in/side'), { recursive: true });
    writeFileSync(join(folder, 'diff/in/side/file'), 'x');
    await store.collectGarbage();
  },
  async 'create a container'(store) {
    const base = await store.images.find(baseName);
    if ((await store.containers.find('new')) !== undefined) return;
    await store.containers.create({ imageId: base?.id ?? '', names: ['new'] });
  },
  async 'create a container with a copy of the image'(store) {
    const base = await store.images.find(baseName);
    if ((await store.containers.find('mapped')) !== undefined) return;
    const map = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const maps = { uidMap: map, gidMap: map };
    await store.containers.create({ imageId: base?.id ?? '', names: ['mapped'], ...maps });
  },
  'commit a container': (store) => store.containers.commit('mounted'),
  'mount a container': (store) => store.containers.mount('web'),
  'unmount a container': (store) => store.containers.unmount('mounted', { force: true }),
  async 'delete a container'(store) {
    if ((await store.containers.find('mounted')) !== undefined) await store.containers.delete('mounted');
  },
  async 'delete an image'(store) {
    const image = await store.images.find(otherName);
    if (image !== undefined) await store.images.delete(image.id);
  },
};
