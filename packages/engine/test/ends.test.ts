// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuncRuntime } from '@lading/runtime-runc';
import { openStore } from '@lading/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerInfo, Engine, RuntimeHandler } from '../src/index.ts';
import { type House, openHouse, removeAllContainers, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  await removeAllContainers(engine);
  // A monitor ends a moment after it has written the end.
  await until(() => house.leftovers().length === 0);
});

const started = (...command: string[]): Promise<ContainerInfo> => startedBy(engine, ...command);

async function startedBy({ containers }: Engine, ...command: string[]): Promise<ContainerInfo> {
  const { id } = await containers.create({ image: 'busybox', command, network: 'none' });
  return containers.start(id);
}

/** Another engine, whose runtime does something in a way of its own. */
function engineWith(own: (runc: RuntimeHandler) => Partial<RuntimeHandler>): Promise<Engine> {
  const runc = createRuncRuntime({
    root: join(house.root, 'run/runtime'),
    exitDir: join(house.root, 'run/exits'),
  });
  return house.engine({ runtimes: { runc: { ...runc, ...own(runc) } } });
}

async function isGone(pid: number): Promise<boolean> {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

describe('a container whose starter was killed right after its process began', () => {
  it('has the time of its start while it runs', async () => {
    const { id, startedAt } = await started('sleep', '600');
    // As that one leaves it: the process runs, and only that it will be made to run is on the disk.
    const path = join(house.root, 'run/lading/containers', `${id}.json`);
    const { begun, ...before } = JSON.parse(readFileSync(path, 'utf8'));
    expect(begun).toBe(true);
    writeFileSync(path, JSON.stringify(before));
    await using other = await house.engine();
    expect(await other.containers.inspect(id)).toMatchObject({ status: 'running', startedAt });
    expect(await other.containers.list({ all: true })).toMatchObject([{ id, status: 'running', startedAt }]);
    await other.containers.stop(id, { timeoutMs: 0 });
    expect(await other.containers.inspect(id)).toMatchObject({ startedAt, exit: { exitCode: 137 } });
  });
});

describe('a start that broke off before its process ran', () => {
  it('is no run that has ended, while it is cleaned up and when that breaks off as well', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', command: ['true'], network: 'none' });
    await engine.containers.init(id);
    // As a starter leaves it that was killed right before the last step.
    const path = join(house.root, 'run/lading/containers', `${id}.json`);
    const { initialized, ...before } = JSON.parse(readFileSync(path, 'utf8'));
    expect(initialized).toBe(true);
    writeFileSync(path, JSON.stringify(before));
    const record = join(house.root, 'graph/lading/containers', `${id}.json`);
    const { startedAt } = before;
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), startedAt }));
    await using dying = await engineWith((runc) => ({
      async delete(...of) {
        await runc.delete(...of);
        await until(async () => (await runc.exitStatus(id)) !== undefined);
        throw new Error('killed');
      },
    }));
    await expect(dying.containers.cleanup(id)).rejects.toThrow('killed');
    const seen = await engine.containers.inspect(id);
    expect(seen).toMatchObject({ status: 'created', pid: 0 });
    expect(seen).not.toHaveProperty('exit');
    await engine.containers.start(id);
    expect(await engine.containers.wait(id)).toMatchObject({ exitCode: 0 });
  });
});

describe('a start that fails where nothing can be written any more', () => {
  it('leaves no process', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', command: ['true'], network: 'none' });
    const path = join(house.root, 'run/lading/containers', `${id}.json`);
    await using failing = await engineWith(() => ({
      async start() {
        // What takes the place of this file has to be a file as well.
        await rm(path);
        await mkdir(join(path, 'in the way'), { recursive: true });
        throw new Error('no space left');
      },
    }));
    await expect(failing.containers.start(id)).rejects.toThrow(/^no space left \(and undoing it failed: /);
    await rm(path, { recursive: true });
    await until(() => house.leftovers().every((line) => !line.startsWith('process')));
  });
});

describe('the stop of a pod', () => {
  it('ends a container as well that was being started again', async () => {
    const pod = await engine.pods.run({ name: 'stopped', network: 'none' });
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['sleep', '600'],
      pod: pod.id,
    });
    await engine.containers.start(id);
    let starts = 0;
    await using stopping = await engineWith((runc) => ({
      async waitExit(...of) {
        const exit = await runc.waitExit(...of);
        if (starts++ === 0) await engine.containers.start(id);
        return exit;
      },
    }));
    await stopping.pods.stop(pod.id, { timeoutMs: 0 });
    expect(starts).toBeGreaterThan(1);
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'exited', exit: { exitCode: 137 } });
    await engine.pods.remove(pod.id, { force: true });
  });
});

describe('an end', () => {
  it('is no hindrance for an engine that lacks the runtime of the container', async () => {
    const running = await started('sleep', '100');
    const ended = await started('true');
    await until(async () => (await engine.containers.inspect(ended.id)).status !== 'running');
    const other = await house.engine({
      runtimes: {
        other: createRuncRuntime({
          root: join(house.root, 'other'),
          exitDir: join(house.root, 'other-exits'),
        }),
      },
    });
    const seen = await other.containers.list({ all: true });
    expect(seen.find(({ id }) => id === running.id)?.status).toBe('running');
    expect(seen.find(({ id }) => id === ended.id)?.status).not.toBe('running');
    await expect(other.containers.kill(running.id)).rejects.toMatchObject({ reason: 'RUNTIME_UNKNOWN' });
    await other.close();
  });

  it('is not made up while the monitor is still to write it', async () => {
    const { id, pid, run } = await started('sleep', '600');
    const monitor = run?.monitorPid ?? 0;
    process.kill(monitor, 'SIGSTOP');
    try {
      process.kill(pid, 'SIGKILL');
      await until(() => isGone(pid));
      const [listed] = await engine.containers.list({ all: true });
      expect(listed).toMatchObject({ status: 'stopped', pid: 0 });
      expect(listed?.exit).toBeUndefined();
    } finally {
      process.kill(monitor, 'SIGCONT');
    }
    await until(async () => (await engine.containers.inspect(id)).exit?.exitCode === 137);
  });

  it('leaves what somebody else has mounted, until the container is removed', async () => {
    const { id } = await started('sleep', '600');
    const store = await openStore({ graphRoot: join(house.root, 'graph'), runRoot: join(house.root, 'run') });
    const folder = await store.containers.mount(id);
    await engine.containers.stop(id, { timeoutMs: 0 });
    expect(await store.containers.mountpoint(id)).toBe(folder);
    await store.close();
    // Also what a client that was killed has left.
    await engine.containers.remove(id);
    expect(house.leftovers().filter((line) => line.startsWith('mount'))).toEqual([]);
  });

  it('is waited for also when the time to wait is more than a timer takes', async () => {
    const { id } = await started('sh', '-c', 'trap "sleep 0.3; exit 3" TERM; while :; do sleep 0.05; done');
    // The trap is set when the shell has begun to sleep.
    await until(async () => (await engine.containers.processes(id)).length > 1);
    const { exit } = await engine.containers.stop(id, { timeoutMs: 2 ** 31 });
    expect(exit?.exitCode).toBe(3);
  });
});

describe('a start that fails', () => {
  it.each([
    [['nope'], 127, /nope/],
    [['/etc/passwd'], 126, /passwd/],
  ])('of %j is noted, until one does not', async (command, exitCode, words) => {
    const { id } = await engine.containers.create({ image: 'busybox', command, network: 'none' });
    await expect(engine.containers.start(id)).rejects.toThrow(words);
    const info = await engine.containers.inspect(id);
    expect(info).toMatchObject({
      status: 'created',
      error: expect.stringMatching(words),
      exit: { exitCode },
    });
  });

  it('with what the machine lacks is 125, and forgotten by one that does not', async () => {
    const source = join(house.root, 'later');
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['true'],
      network: 'none',
      mounts: [{ type: 'bind', source, target: '/later' }],
    });
    await expect(engine.containers.start(id)).rejects.toThrow(/later/);
    expect(await engine.containers.inspect(id)).toMatchObject({
      error: expect.stringMatching(/later/),
      exit: { exitCode: 125 },
    });
    await mkdir(source);
    await engine.containers.start(id);
    expect(await engine.containers.wait(id)).toMatchObject({ exitCode: 0 });
    expect((await engine.containers.inspect(id)).error).toBeUndefined();
  });

  it('because of a runtime that is not there names those that are', async () => {
    await expect(engine.containers.create({ image: 'busybox', runtime: 'kata' })).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'RUNTIME_UNKNOWN',
      message: expect.stringContaining('runc'),
    });
  });
});

describe('the exit command of a container', () => {
  const exitCommand = (mark: string): string[] => ['/bin/sh', '-c', 'echo {id} > "$0"', mark];

  it.each<[string, (own: Engine, id: string) => Promise<unknown>]>([
    ['stops', (own, id) => own.containers.stop(id, { timeoutMs: 0 })],
    ['removes', (own, id) => own.containers.remove(id, { force: true })],
  ])('is not run for who %s it, and cleans up', async (verb, end) => {
    const mark = join(house.root, `mark-${verb}`);
    const own = await house.engine({ exitCommand: exitCommand(mark) });
    const { id } = await startedBy(own, 'sleep', '600');
    await end(own, id);
    await until(() => house.leftovers().length === 0);
    expect(existsSync(mark)).toBe(false);
    expect(await readdir(join(house.root, 'run/lading/caretakers'))).toEqual([]);
  });

  it('is not run after a clean-up either, by a monitor that comes to it late', async () => {
    const mark = join(house.root, 'mark-late');
    const own = await house.engine({ exitCommand: exitCommand(mark) });
    const { id, pid, run } = await startedBy(own, 'sleep', '600');
    const monitor = run?.monitorPid ?? 0;
    const exit = join(house.root, 'run/exits', id);
    process.kill(monitor, 'SIGSTOP');
    try {
      process.kill(pid, 'SIGKILL');
      await until(() => isGone(pid));
      // As it would, just before it is held up.
      writeFileSync(exit, '137');
      expect(await own.containers.wait(id)).toMatchObject({ exitCode: 137 });
    } finally {
      process.kill(monitor, 'SIGCONT');
    }
    // What it runs at the end is run in its place.
    await until(() => isGone(monitor));
    expect(existsSync(mark)).toBe(false);
    await rm(exit, { force: true });
  });

  it('is run at an end that nobody asked for, whoever was to clean up and died', async () => {
    const mark = join(house.root, 'mark-died');
    const own = await house.engine({ exitCommand: exitCommand(mark) });
    const { id } = await startedBy(own, 'sleep', '600');
    // A number that was given to another process since.
    await mkdir(join(house.root, 'run/lading/caretakers'), { recursive: true });
    writeFileSync(join(house.root, 'run/lading/caretakers', id), '1 999999999999\n');
    await own.containers.kill(id, 'KILL');
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8') === `${id}\n`);
  });

  it('is not run while a client in the foreground lives', async () => {
    const mark = join(house.root, 'mark-lives');
    const own = await house.engine({ exitCommand: exitCommand(mark) });
    await own.containers.run({ image: 'busybox', command: ['true'], network: 'none', autoRemove: true });
    await until(() => house.leftovers().length === 0);
    expect(existsSync(mark)).toBe(false);
  });

  it('is run when the client was killed', async () => {
    const mark = join(house.root, 'mark-killed');
    const client = spawn(
      process.execPath,
      ['--conditions=@lading/source', join(import.meta.dirname, 'run-client.ts'), house.root, mark],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await until(async () => (await engine.containers.list()).length === 1);
    client.kill('SIGKILL');
    await until(() => client.signalCode !== null);
    const [container] = await engine.containers.list();
    await engine.containers.kill(container?.id ?? '', 'KILL');
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8') === `${container?.id}\n`);
  });
});
