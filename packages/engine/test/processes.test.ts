// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers, until } from './support.ts';

let house: House;
let engine: Engine;
let other: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
  other = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
});

const sleeper = { image: 'busybox', command: ['sleep', '1000'], network: 'none' } as const;

describe('two engines on one state', () => {
  it('see each other without being told', async () => {
    const { id } = await engine.containers.create({ ...sleeper, name: 'shared' });
    await engine.containers.start(id);
    expect(await other.containers.inspect('shared')).toMatchObject({ id, status: 'running' });
    await other.containers.stop('shared', { timeoutMs: 0 });
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'exited', exit: { exitCode: 137 } });
  });

  it('both learn the exit code of a container that removes itself', async () => {
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['sh', '-c', 'sleep 0.2; exit 9'],
      network: 'none',
      autoRemove: true,
    });
    await engine.containers.start(id);
    const ends = await Promise.all([engine, other, other].map(({ containers }) => containers.wait(id)));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([9, 9, 9]);
    expect(await engine.containers.exists(id)).toBe(false);
  });

  it('clean up and remove at once without harm', async () => {
    const { id } = await engine.containers.create(sleeper);
    await engine.containers.start(id);
    await engine.containers.kill(id, 'KILL');
    await engine.containers.wait(id);
    await Promise.all(
      [engine, other].flatMap(({ containers }) => [containers.cleanup(id), containers.cleanup(id)]),
    );
    await Promise.all(
      [engine, other].map(({ containers }) => containers.remove(id, { ignoreMissing: true })),
    );
    expect(await engine.containers.exists(id)).toBe(false);
  });

  it('start a container once when both try', async () => {
    const { id } = await engine.containers.create(sleeper);
    const results = await Promise.allSettled([engine, other].map(({ containers }) => containers.start(id)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a monitor that was killed', () => {
  it('leaves a container that is seen to run, and to end', async () => {
    const { id } = await engine.containers.create(sleeper);
    const { run } = await engine.containers.start(id);
    process.kill(run?.monitorPid ?? 0, 'SIGKILL');
    expect((await engine.containers.inspect(id)).status).toBe('running');
    await engine.containers.kill(id, 'KILL');
    expect(await engine.containers.wait(id)).toMatchObject({ exitCode: 255 });
    expect((await engine.containers.inspect(id)).status).toBe('exited');
  });
});

describe('a machine that was restarted', () => {
  it('has only containers that ended', async () => {
    const { id } = await engine.containers.create({ ...sleeper, name: 'before' });
    await engine.containers.start(id);
    await engine.containers.stop(id, { timeoutMs: 0 });
    const { id: second } = await engine.containers.create(sleeper);
    await engine.containers.start(second);
    await engine.containers.stop(second, { timeoutMs: 0 });
    await rm(join(house.root, 'run/lading'), { recursive: true });
    const after = await house.engine();
    const states = (await after.containers.list({ all: true })).map(({ status, exit }) => [
      status,
      exit?.exitCode,
    ]);
    expect(states).toEqual([
      ['exited', 137],
      ['exited', 137],
    ]);
    await after.containers.start('before');
    expect((await after.containers.inspect('before')).status).toBe('running');
  });
});

describe('an engine that was killed', () => {
  const steps = [
    'storage made',
    'before mount',
    'after mount',
    'before create',
    'after create',
    'before start',
    'after start',
  ];

  it.each(steps)('at "%s" leaves what the next one repairs', async (step) => {
    await killedAt(step);
    const after = await house.engine();
    const [left] = await after.containers.list({ all: true });
    if (step === 'storage made') {
      // No record yet: making one of that name finds the leftover and takes its place.
      expect(left).toBeUndefined();
      await after.containers.create({ ...sleeper, name: 'victim' });
    } else {
      expect(left?.name).toBe('victim');
      expect(left?.status).toBe(step === 'after start' ? 'running' : 'created');
    }
    if (step !== 'after start') {
      await after.containers.start('victim');
      expect((await after.containers.inspect('victim')).status).toBe('running');
    }
    await after.containers.remove('victim', { force: true });
    // The monitor that the killed one had started ends by itself, and soon.
    await until(() => house.leftovers().length === 0);
  });
});

/** Runs a program that creates and starts a container, and is killed at a step of that. */
async function killedAt(step: string): Promise<void> {
  const script = `
    import { createEngine } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
    import { openStore } from '@lading/storage';
    import { createRuncRuntime } from '@lading/runtime-runc';
    const root = process.env.HOUSE;
    const die = (at) => { if (at === process.env.STEP) process.kill(process.pid, 'SIGKILL'); };
    const store = await openStore({ graphRoot: root + '/graph', runRoot: root + '/run' });
    const runc = createRuncRuntime({ root: root + '/run/runtime', exitDir: root + '/run/exits' });
    const around = (call, name) => async (...args) => {
      die('before ' + name);
      const result = await call(...args);
      die('after ' + name);
      return result;
    };
    const containers = { ...store.containers,
      mount: around(store.containers.mount, 'mount'),
      create: async (request) => { const made = await store.containers.create(request); die('storage made'); return made; } };
    const engine = await createEngine({
      store: { ...store, containers },
      runtimes: { runc: { ...runc, create: around(runc.create, 'create'), start: around(runc.start, 'start') } },
      cgroupParent: process.env.CGROUP_PARENT,
    });
    await engine.containers.create({ image: 'busybox', name: 'victim', command: ['sleep', '1000'], network: 'none' });
    await engine.containers.start('victim');
    throw new Error('still here');
  `;
  const child = spawn(
    process.execPath,
    ['--conditions=@lading/source', '--input-type=module', '-e', script],
    {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, HOUSE: house.root, STEP: step, CGROUP_PARENT: house.cgroupParent },
      stdio: 'inherit',
    },
  );
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}
