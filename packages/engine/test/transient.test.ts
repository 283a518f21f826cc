// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packFolder } from '@lading/layer';
import { openStore } from '@lading/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../src/index.ts';

const variable = 'CONTAINERS_STORAGE_CONF';
const before = process.env[variable];
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-transient-'));
  const path = join(root, 'storage.conf');
  const [graph, run] = ['graph', 'run'].map((name) => JSON.stringify(join(root, name)));
  await writeFile(path, `[storage]\ngraphroot = ${graph}\nrunroot = ${run}\ntransient_store = true\n`);
  process.env[variable] = path;
});
afterEach(async () => {
  if (before === undefined) delete process.env[variable];
  else process.env[variable] = before;
  await rm(root, { recursive: true });
});

describe('an engine on a transient store', () => {
  it('removes what containers have left, once after a boot', async () => {
    const graphRoot = join(root, 'graph');
    const layers = (): readonly string[] =>
      readdirSync(join(graphRoot, 'overlay')).filter((name) => name.length === 64);
    const make = async (): Promise<string> => {
      await using store = await openStore({ graphRoot, runRoot: join(root, 'run'), transientStore: true });
      return (await store.containers.create({})).layer;
    };
    await using first = await openStore({ graphRoot, runRoot: join(root, 'run') });
    const { id } = await first.layers.add(packFolder(import.meta.dirname));
    await openEngine().then((engine) => engine.close());
    const lost = await make();
    await openEngine().then((engine) => engine.close());
    expect([...layers()].sort()).toEqual([id, lost].sort());

    await rm(join(root, 'run'), { recursive: true });
    await openEngine().then((engine) => engine.close());
    expect(layers()).toEqual([id]);
    expect(readdirSync(join(graphRoot, 'overlay-containers'))).toEqual([]);
    // Another process's first container, whose engine is not the first of this boot.
    const kept = await make();
    await openEngine().then((engine) => engine.close());
    expect([...layers()].sort()).toEqual([id, kept].sort());
  });
});
