// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../../../tools/test-support/bundled.ts';
import { openStore, type Store } from '../src/index.ts';
import { baseName, crashActions, otherName } from './crash-actions.ts';
import {
  addImage,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  podmanFlags,
  readAll,
  sha256,
  testLayer,
} from './support.ts';

/** `LADING_CRASH_STEPS=all` kills at each operation; else so many are taken, evenly, among them the first and the last. */
const wanted = process.env.LADING_CRASH_STEPS ?? '7';
const writer = bundled(join(import.meta.dirname, 'crash-writer.ts'));
let model: House;
let tar: string;

beforeAll(async () => {
  model = await openHouse();
  await using store = await openStore(model);
  await addImage(store, baseName, [await busyboxLayer(), await fileLayer('a')]);
  await addImage(store, otherName, [await busyboxLayer(), await fileLayer('other')]);
  const base = await store.images.find(baseName);
  for (const name of ['web', 'mounted']) {
    await store.containers.create({ imageId: base?.id ?? '', names: [name] });
  }
  const { bytes } = await testLayer(async (folder) => {
    for (const name of ['one', 'two']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'file'), name.repeat(1000));
    }
    symlinkSync('one', join(folder, 'link'));
    writeFileSync(join(folder, '.wh.a'), '');
  });
  tar = join(model.root, 'new.tar');
  writeFileSync(tar, bytes);
});
afterAll(() => model.close());

/** Where new images go. */
type Place = 'in the graph root' | 'in a root of their own';

const optionsOf = (house: House, place: Place): { imageStore?: string } =>
  place === 'in the graph root' ? {} : { imageStore: join(house.root, 'images') };

/** A house with a copy of the model's store, in which one container is mounted. */
async function furnished(place: Place): Promise<House> {
  const house = await openHouse();
  // With times, owners and attributes.
  execFileSync('cp', ['-a', model.graphRoot, house.graphRoot]);
  const store = await house.open(optionsOf(house, place));
  const merged = await store.containers.mount('mounted');
  writeFileSync(join(merged, 'written'), 'x');
  rmSync(join(merged, 'a'));
  return house;
}

/** Runs an action in a process of its own; gives the number of operations, or undefined when it was killed. */
async function run(house: House, what: string, place: Place, stopAt: number): Promise<number | undefined> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'stop-at.ts'),
      writer,
      house.graphRoot,
      house.runRoot,
      what,
      tar,
      ...Object.values(optionsOf(house, place)),
    ],
    { env: { ...process.env, STOP_AT: String(stopAt) }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const output = await readAll(child.stdout);
  const [code, signal] = await ended;
  if (signal === 'SIGKILL') return undefined;
  expect(code).toBe(0);
  return Number(output.toString());
}

/** What differs when images are apart. */
const writersOfImages = [
  'commit a staged layer',
  'create an image',
  'create a container with a copy of the image',
  'commit a container',
  'delete an image',
];

/** All that the store shows is whole. */
async function expectWhole(store: Store): Promise<void> {
  const layers = await store.layers.list();
  const ids = new Set(layers.map(({ id }) => id));
  for (const { id, diffDigest, parent } of layers) {
    if (parent !== undefined) expect(ids).toContain(parent);
    if (diffDigest !== undefined) expect(sha256(await readAll(store.layers.open(id)))).toBe(diffDigest);
  }
  for (const { id, topLayer } of await store.images.list()) {
    expect(ids).toContain(topLayer);
    await store.images.readManifest(id);
    await store.images.readConfig(id);
  }
}

/** As many of 1..count as are wanted, the first and the last among them. */
function steps(count: number): readonly number[] {
  const most = wanted === 'all' ? count : Math.min(count, Number(wanted));
  return [
    ...new Set(Array.from({ length: most }, (_, i) => 1 + Math.round((i * (count - 1)) / (most - 1 || 1)))),
  ];
}

describe('a process that is killed at any step, when it was about to', () => {
  const whatAndWhere: readonly (readonly [string, Place])[] = [
    ...Object.keys(crashActions).map((what) => [what, 'in the graph root'] as const),
    ...writersOfImages.map((what) => [what, 'in a root of their own'] as const),
  ];
  it.each(whatAndWhere)(
    '%s, with images %s, leaves a store that is whole, and clean after the next writer',
    async (what, place) => {
      const first = await furnished(place);
      const count = await run(first, what, place, 0);
      await first.close();
      expect(count).toBeGreaterThan(5);
      const todo = steps(count ?? 0);
      const seen: string[] = [];
      const next = async (): Promise<void> => {
        for (let step = todo[seen.length]; step !== undefined; step = todo[seen.length]) {
          seen.push(`${what} ${step}/${count}`);
          await crashAndMend(what, place, step).catch((error: unknown) => {
            // A gate prints no causes.
            throw new Error(`${what}, killed before operation ${step} of ${count}: ${String(error)}`, {
              cause: error,
            });
          });
        }
      };
      await Promise.all([next(), next()]);
      expect(seen).toHaveLength(todo.length);
    },
    wanted === 'all' ? 3_600_000 : 600_000,
  );
});

async function crashAndMend(what: string, place: Place, step: number): Promise<void> {
  const house = await furnished(place);
  try {
    // The count differs a little from run to run, so that the last steps may be past the end.
    await run(house, what, place, step);
    // Who comes first, another tool or Lading, must not matter.
    if (step % 2 === 1) await house.podman('ps', '-a', '--external', '-q');
    const store = await house.open({ idMappedMounts: false, ...optionsOf(house, place) });
    await expectWhole(store);
    await crashActions[what]?.(store, () => createReadStream(tar));
    await crashActions['create an image']?.(store, () => createReadStream(tar));
    await store.containers.delete((await store.containers.create({})).id);
    await expectWhole(store);
    if (what === 'mount a container') await store.containers.unmount('web', { force: true });
    // Layers without a user may be new ones; those of containers that never came to be are not.
    const faults = await Array.fromAsync(store.check());
    expect(faults.map(({ message }) => message)).toEqual([]);
    const users = new Set((await store.containers.list()).map(({ layer }) => layer));
    const own = (await store.layers.list()).filter(({ diffDigest }) => diffDigest === undefined);
    expect(own.map(({ id }) => users.has(id))).toEqual(own.map(() => true));
    expect(await house.podman('images', '-q')).toContain(
      (await store.images.find(baseName))?.id.slice(0, 12),
    );
    if (step % 5 === 1) {
      expect(await house.podman('run', '--rm', ...podmanFlags, baseName, 'echo', 'alive')).toBe('alive');
    }
  } finally {
    await house.close();
  }
}
