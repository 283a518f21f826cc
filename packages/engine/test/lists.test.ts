// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerInfo, Engine } from '../src/index.ts';
import { type House, openHouse, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
});
afterAll(() => house?.close());

/** Files that are younger are read again. */
const settle = (): Promise<void> => sleep(150);
const list = () => engine.containers.list({ all: true, pausedAsRunning: true });
const one = async (id: string): Promise<ContainerInfo | undefined> =>
  (await list()).find((found) => found.id === id);

describe('what a list gives', () => {
  it('is the same object until something of the container changes', async () => {
    const { id } = await engine.containers.create({
      image: 'busybox',
      network: 'none',
      command: ['sleep', '1000'],
      healthCheck: { test: ['CMD', 'true'], intervalMs: 0 },
    });
    const seen: (ContainerInfo | undefined)[] = [];
    /** Looks until a list gives what the one before gave; whether that is a new object. */
    const isNew = async (): Promise<boolean> => {
      await settle();
      await one(id);
      const now = await one(id);
      expect(await one(id)).toBe(now);
      const before = seen.at(-1);
      seen.push(now);
      return now !== before;
    };
    expect(await isNew()).toBe(true);
    expect(await isNew()).toBe(false);
    await engine.containers.start(id);
    expect(await isNew()).toBe(true);
    await engine.containers.checkHealth(id);
    expect(await isNew()).toBe(true);
    await engine.containers.update(id, { cpuShares: 100 });
    expect(await isNew()).toBe(true);
    expect(await isNew()).toBe(false);
    const other = await house.engine();
    await other.containers.stop(id, { timeoutMs: 0 });
    expect(await isNew()).toBe(true);
    expect(await isNew()).toBe(false);
    expect(seen.map((info) => info?.status)).toEqual([
      ...['created', 'created', 'running', 'running', 'running', 'running', 'exited', 'exited'],
    ]);
    expect(seen.at(3)?.health?.status).toBe('healthy');
    expect(seen.at(4)?.options.resources).toEqual({ cpuShares: 100 });
    expect(seen.at(-1)).toEqual(await engine.containers.inspect(id));
    await other.containers.remove(id);
    expect(await one(id)).toBeUndefined();
  });

  it('shows at once that a process is gone, and what a pause makes of it where that is asked', async () => {
    const { id } = await engine.containers.create({
      image: 'busybox',
      network: 'none',
      command: ['sleep', '1000'],
    });
    const { pid } = await engine.containers.start(id);
    await settle();
    await list();
    expect((await one(id))?.status).toBe('running');
    await engine.containers.pause(id);
    expect((await one(id))?.status).toBe('running');
    expect((await engine.containers.list())[0]?.status).toBe('paused');
    await engine.containers.unpause(id);
    process.kill(pid, 'SIGKILL');
    await until(async () => (await one(id))?.status !== 'running');
    expect(await one(id)).toMatchObject({ status: 'stopped', pid: 0, exit: { exitCode: 137 } });
    await engine.containers.remove(id);
  });

  it('is the same pod until it or its containers change', async () => {
    const pod = await engine.pods.run({ network: 'none', namespaces: { pid: 'pod' } });
    await settle();
    const first = async () => (await engine.pods.list())[0];
    const before = await first();
    expect(await first()).toBe(before);
    expect(before).toEqual(await engine.pods.inspect(pod.id));
    const { id } = await engine.containers.create({ image: 'busybox', pod: pod.id });
    expect((await first())?.containerIds).toEqual([id]);
    process.kill(before?.infra?.pid ?? 0, 'SIGKILL');
    await until(async () => (await first())?.status === 'notready');
    await engine.pods.remove(pod.id, { force: true });
    expect(await engine.pods.list()).toEqual([]);
  });
});
