// SPDX-License-Identifier: Apache-2.0
// Does random things to a store that others work on: GRAPHROOT RUNROOT LAYOUTS SEED COUNT. Fails at the first error that
// is not of the kind "it is gone" or "it is in use".
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { digestHex, parseImageConfig, parseManifest } from '@lading/image-spec';
import { openStore } from '../src/index.ts';
import { layoutNames, randomNames } from './random-names.ts';
import { randomSource } from './random-source.ts';
import { readAll, sha256 } from './support.ts';

const [graphRoot = '', runRoot = '', layouts = '', seed = '', count = ''] = process.argv.slice(2);
const random = randomSource(Number(seed));
await using store = await openStore({ graphRoot, runRoot });

async function pull(layout: string, name: string): Promise<void> {
  const blob = (digest: string): string =>
    join(layouts, layout, 'blobs/sha256', digest.slice('sha256:'.length));
  const index = JSON.parse(readFileSync(join(layouts, layout, 'index.json'), 'utf8'));
  const manifest = readFileSync(blob(index.manifests[0].digest));
  const { config, layers } = parseManifest(manifest);
  const configBytes = readFileSync(blob(config.digest));
  const diffIds = parseImageConfig(configBytes).rootfs.diff_ids;
  // Side by side, and put in place in order, as a pull does.
  const staged = await Promise.all(
    layers.map(({ digest }) => store.layers.stage(createReadStream(blob(digest)))),
  );
  let parent: string | undefined;
  try {
    for (const [place, layer] of staged.entries()) {
      if (layer.applied.diffId !== diffIds[place]) throw new Error('not the layer that the config names');
      parent = (await layer.commit(parent)).id;
    }
  } finally {
    for (const layer of staged) await layer.discard();
  }
  await store.images.create({
    id: digestHex(sha256(configBytes)),
    digest: sha256(manifest),
    names: [name],
    ...(parent !== undefined && { topLayer: parent }),
    manifests: [{ digest: sha256(manifest), bytes: manifest }],
    config: { digest: sha256(configBytes), bytes: configBytes },
  });
}

const actions: readonly (() => Promise<unknown>)[] = [
  () => pull(random.pick(layoutNames) ?? '', random.pick(randomNames) ?? ''),
  () => pull(random.pick(layoutNames) ?? '', random.pick(randomNames) ?? ''),
  async () => {
    const image = random.pick(await store.images.list());
    if (image !== undefined) await store.images.addName(image.id, random.pick(randomNames) ?? '');
  },
  async () => {
    const image = random.pick(await store.images.list());
    const name = image && random.pick(image.names);
    if (image !== undefined && name !== undefined) await store.images.removeName(image.id, name);
  },
  async () => {
    const image = random.pick(await store.images.list());
    if (image !== undefined) await store.images.delete(image.id);
  },
  async () => {
    const image = random.pick(await store.images.list());
    if (image === undefined) return;
    const { id } = await store.containers.create({
      imageId: image.id,
      names: [`lading${seed}-${random.below(4)}`],
    });
    const merged = await store.containers.mount(id);
    writeFileSync(join(merged, 'written'), id);
    if (random.below(2) === 0) await store.containers.unmount(id);
  },
  async () => {
    const container = random.pick(
      (await store.containers.list()).filter(({ names }) => names[0]?.startsWith(`lading${seed}`)),
    );
    if (container !== undefined) await store.containers.delete(container.id);
  },
  async () => {
    const layer = random.pick(
      (await store.layers.list()).filter(({ diffDigest }) => diffDigest !== undefined),
    );
    if (layer === undefined) return;
    const digest = sha256(await readAll(store.layers.open(layer.id)));
    if (digest !== layer.diffDigest) throw new Error(`layer ${layer.id} is ${digest}`);
  },
];

const usual: readonly Code[] = [Code.NotFound, Code.FailedPrecondition, Code.AlreadyExists];
for (let done = 0; done < Number(count); done += 1) {
  try {
    await random.pick(actions)?.();
  } catch (error) {
    const failure = LadingError.from(error);
    if (!usual.includes(failure.code)) throw failure;
  }
}
