// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@lading/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
});
afterAll(() => house?.close());

const below = (folder: string): string[] => readdirSync(join(house.root, folder)).sort();

describe('sweep', () => {
  it('takes away storage that has no record, unless it is of another tool or being made', async () => {
    const metadata = JSON.stringify({ 'created-by': 'lading' });
    const [orphan, foreign] = ['a'.repeat(64), 'b'.repeat(64)];
    const roots = { graphRoot: join(house.root, 'graph'), runRoot: join(house.root, 'run') };
    await using store = await openStore(roots);
    await store.containers.create({ id: orphan, names: ['orphan'], imageId: house.imageId, metadata });
    await store.containers.create({
      id: foreign,
      names: ['foreign'],
      imageId: house.imageId,
      metadata: '{}',
    });
    const kept = await engine.containers.create({ image: 'busybox', name: 'kept', network: 'none' });
    const other = await house.engine();
    const made = other.containers.create({ image: 'busybox', name: 'made', network: 'none' });
    await engine.sweep();
    await made;
    expect((await store.containers.list()).flatMap(({ names }) => names).sort()).toEqual([
      'foreign',
      'kept',
      'made',
    ]);
    expect(existsSync(join(house.root, 'graph/overlay-containers', orphan))).toBe(false);
    await engine.containers.remove(kept.id);
    await engine.containers.remove('made');
    await other.close();
  });

  it('takes away files that a process which is gone was writing, and no others', async () => {
    const { pid } = spawnSync('true');
    const folder = join(house.root, 'graph/lading/containers');
    const name = 'c'.repeat(64);
    const files = [pid, process.pid].map((owner) => `${name}.json.${owner}-0123456789ab.tmp`);
    for (const file of [...files, `${name}.json`, 'x.tmp']) await writeFile(join(folder, file), '');
    await engine.sweep();
    expect(below('graph/lading/containers')).toEqual([`${name}.json`, files[1], 'x.tmp'].sort());
  });

  it('takes away what a process was writing whose number another has by now', async () => {
    const folder = join(house.root, 'graph/lading/containers');
    const files = ['a', 'b'].map((digit) => `${digit.repeat(64)}.json.${process.pid}-0123456789ab.tmp`);
    for (const file of files) await writeFile(join(folder, file), '');
    const before = Date.now() / 1000 - process.uptime() - 60;
    await utimes(join(folder, files[0] ?? ''), before, before);
    await engine.sweep();
    const left = below('graph/lading/containers');
    expect([left.includes(files[0] ?? ''), left.includes(files[1] ?? '')]).toEqual([false, true]);
  });

  it('leaves nothing half-written of a container that is removed', async () => {
    const { pid } = spawnSync('true');
    const { id } = await engine.containers.create({ image: 'busybox', name: 'half', network: 'none' });
    const folder = join(house.root, 'graph/lading/containers');
    const file = (of: string): string => join(folder, `${of}.json.${pid}-0123456789ab.tmp`);
    const other = 'e'.repeat(64);
    for (const of of [id, other]) await writeFile(file(of), '{');
    const names = join(house.root, 'graph/lading/names/container');
    const [name = ''] = readdirSync(names);
    await writeFile(join(names, `${name}.${pid}-0123456789ab.tmp`), '"');
    await engine.containers.remove(id);
    expect([existsSync(file(id)), existsSync(file(other))]).toEqual([false, true]);
    expect(readdirSync(names)).toEqual([]);
    await engine.sweep();
    expect(existsSync(file(other))).toBe(false);
  });

  it('takes away locks of what is gone, and leaves those that are held or needed', async () => {
    const locks = join(house.root, 'run/lading/locks');
    const { id } = await engine.containers.create({ image: 'busybox', network: 'none' });
    await writeFile(join(locks, `${'d'.repeat(64)}.lock`), '');
    await engine.sweep();
    expect(below('run/lading/locks')).toEqual([`${id}.lock`, 'names.lock'].sort());
    await engine.containers.remove(id);
  });
});

describe('locks', () => {
  it('of what two have removed at once are gone', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', network: 'none' });
    const pod = await engine.pods.run({ network: 'none' });
    await Promise.all([1, 2].map(() => engine.containers.remove(id, { ignoreMissing: true })));
    await Promise.allSettled([
      engine.pods.remove(pod.id),
      engine.pods.remove(pod.id, { ignoreMissing: true }),
      engine.pods.stop(pod.id),
    ]);
    expect(below('run/lading/locks')).toEqual(['names.lock']);
  });
});
