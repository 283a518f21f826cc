// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openStore } from '@lading/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorldWithImage, self, type World } from './world.ts';

/** `LADING_STRESS=13` makes about 200 containers of it. */
const containersEach = Number(process.env.LADING_STRESS ?? 2);
const shells = 16;

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** One command line in a process of its own; some are killed at a random moment. */
async function shell(argv: readonly string[], random: () => number): Promise<number | 'killed'> {
  const [program = '', ...args] = [...self, ...argv];
  const child = spawn(program, args, { env: world.env, stdio: 'ignore' });
  const ended = once(child, 'close');
  if (random() < 0.3) {
    await Promise.race([ended, sleep(random() * 400)]);
    child.kill('SIGKILL');
  }
  const [code] = (await ended) as [number | null];
  return code ?? 'killed';
}

/** The same numbers in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function lifeOf(name: string, random: () => number): Promise<void> {
  const run = [
    'run',
    '-d',
    '--name',
    name,
    '--network',
    'none',
    world.image,
    'sh',
    '-c',
    'echo up; sleep 600',
  ];
  await shell(run, random);
  await shell(['logs', name], random);
  await shell(['exec', name, 'true'], random);
  if (random() < 0.5) await shell(['stop', '--time', '0', name], random);
  if (random() < 0.5) await shell(['rm', '--force', '--time', '0', name], random);
}

it('many shells at once, some of them killed: no container is lost or stuck, and nothing is left', async () => {
  const podman = ['--root', world.env.LADING_ROOT ?? '', '--runroot', world.env.LADING_RUNROOT ?? ''];
  let isOver = false;
  const watcher = (async () => {
    while (!isOver) {
      await promisify(execFile)('podman', [...podman, '--storage-driver', 'overlay', 'images', '--quiet']);
      await sleep(500);
    }
  })();
  const names = Array.from({ length: shells }, (_, one) =>
    Array.from({ length: containersEach }, (_, two) => `life-${one}-${two}`),
  );
  await Promise.all(
    names.map(async (mine, seed) => {
      const random = randomOf(seed + 1);
      for (const name of mine) await lifeOf(name, random);
    }),
  );
  isOver = true;
  await watcher;

  // Whatever is there is in the list, and can be looked at, stopped and removed by its name.
  const { code, out } = await world.lading(['ps', '--all', '--format', '{{.Names}} {{.Status}}']);
  expect(code).toBe(0);
  const listed = out.split('\n').filter((line) => line !== '');
  expect(listed.length).toBeGreaterThan(0);
  for (const line of listed) {
    const [name = ''] = line.split(' ');
    expect(names.flat()).toContain(name);
    expect(await world.lading(['inspect', name])).toMatchObject({ code: 0 });
    expect(await world.lading(['rm', '--force', '--time', '0', name])).toMatchObject({ code: 0, err: '' });
  }
  // The names are free: also those whose maker was killed.
  for (const name of names.flat()) {
    const made = await world.lading(['create', '--name', name, '--network', 'none', world.image, 'true']);
    expect([name, made.err, made.code]).toEqual([name, '', 0]);
  }
  expect(await world.lading('rm --force --all --time 0')).toMatchObject({ code: 0 });

  const root = world.env.LADING_ROOT ?? '';
  const store = await openStore({ graphRoot: root, runRoot: world.env.LADING_RUNROOT ?? '' });
  try {
    expect(await store.containers.list()).toEqual([]);
    expect(await Array.fromAsync(store.check())).toEqual([]);
  } finally {
    await store.close();
  }
  expect(readdirSync(join(root, 'lading/containers'))).toEqual([]);
  expect(readdirSync(join(root, 'lading/names/container'))).toEqual([]);
}, 600_000);
