// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unmount } from '@lading/linux';
import { createRuncRuntime } from '@lading/runtime-runc';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  // Rules of the kernel go with a reboot, which cannot be had here: none are made.
  house = await openHouse({ subnet: '10.86.42.0/24', masquerade: false });
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
  expect(leases()).toEqual([]);
});

/** Addresses that host-local has given out. */
function leases(): string[] {
  const folder = join(house.root, 'ipam/ladingtest');
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^\d/.test(name)) : [];
}

describe('a machine that went down', () => {
  it.each(['started again', 'removed'])('holds no address of a container that is %s', async (next) => {
    const { id } = await engine.containers.create({ image: 'busybox', command: ['sleep', '600'] });
    const { run, pid } = await engine.containers.start(id);
    const [address] = leases();
    await reboot({ id, pid, monitorPid: run?.monitorPid ?? 0, netns: run?.netnsPath ?? '' });
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'exited', exit: { exitCode: 255 } });
    expect(leases()).toEqual([address]);
    if (next === 'started again') {
      await engine.containers.start(id);
      expect(leases()).toHaveLength(1);
      await engine.containers.stop(id, { timeoutMs: 0 });
      expect((await engine.containers.inspect(id)).networks).toBeUndefined();
    } else {
      await engine.containers.remove(id);
    }
    expect(leases()).toEqual([]);
  });

  it('has containers told and removed whose runtime is not there any more', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', command: ['sleep', '600'] });
    const fresh = await engine.containers.create({ image: 'busybox', command: ['true'] });
    const { run, pid } = await engine.containers.start(id);
    await reboot({ id, pid, monitorPid: run?.monitorPid ?? 0, netns: run?.netnsPath ?? '' });
    const [root, exitDir] = [join(house.root, 'run/other'), join(house.root, 'run/exits')];
    const other = await house.engine({ runtimes: { other: createRuncRuntime({ root, exitDir }) } });
    expect(await other.containers.inspect(id)).toMatchObject({ status: 'exited', exit: { exitCode: 255 } });
    await expect(other.containers.start(fresh.id)).rejects.toMatchObject({ reason: 'RUNTIME_UNKNOWN' });
    for (const one of [id, fresh.id]) await other.containers.remove(one);
    expect(await other.containers.list({ all: true })).toEqual([]);
    await other.close();
  });
});

describe('a start that was killed before its process ran', () => {
  it('leaves a container that was never started, and can be', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', command: ['sleep', '600'] });
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const startedAt = new Date().toISOString();
    const record = join(house.root, 'graph/lading/containers', `${id}.json`);
    const run = join(house.root, 'run/lading/containers', `${id}.json`);
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), startedAt }));
    writeFileSync(run, JSON.stringify({ startedAt, pid: 0, bootId, networks: [], rootfs: '' }));
    const seen = await engine.containers.inspect(id);
    expect(seen).toMatchObject({ status: 'created', pid: 0 });
    expect(seen.startedAt).toBeUndefined();
    await engine.containers.cleanup(id);
    expect(JSON.parse(readFileSync(record, 'utf8'))).not.toHaveProperty('startedAt');
    expect(await engine.containers.start(id)).toMatchObject({ status: 'running', restartCount: 0 });
  });
});

/** What a reboot leaves: nothing of the processes, and nothing below the run folder. */
async function reboot(of: { id: string; pid: number; monitorPid: number; netns: string }): Promise<void> {
  for (const pid of [of.monitorPid, of.pid]) process.kill(pid, 'SIGKILL');
  await until(() => house.leftovers().every((line) => !line.startsWith('process')));
  const run = join(house.root, 'run');
  execFileSync('runc', ['--root', join(run, 'runtime'), 'delete', '--force', of.id]);
  unmount(of.netns);
  for (const name of [`lading/containers/${of.id}.json`, `lading/netns/${of.id}`, `exits/${of.id}`, 'cni']) {
    await rm(join(run, name), { recursive: true, force: true });
  }
  await rm(join(run, 'exits/.notes'), { recursive: true, force: true });
}
