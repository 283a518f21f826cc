// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuncRuntime } from '../src/index.ts';
import { gone, makeWorld, until, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('a container', () => {
  it('runs, leaves its exit code and writes its log', async () => {
    const { runtime } = world;
    const { id, pid, monitorPid, logPath } = await world.create('echo out; echo err >&2; exit 7');
    expect(await runtime.state(id)).toMatchObject({ id, pid, status: 'created' });
    expect(await runtime.exitStatus(id)).toBeUndefined();
    await runtime.start(id);
    const status = await runtime.waitExit(id);
    expect(status).toMatchObject({ exitCode: 7, oomKilled: false });
    expect(Date.parse(status.finishedAt)).toBeGreaterThan(Date.now() - 60_000);
    await gone(monitorPid);
    const log = await readFile(logPath, 'utf8');
    expect(
      log
        .split('\n')
        .map((line) => line.split(' ').slice(1).join(' '))
        .toSorted(),
    ).toEqual(['', 'stderr F err', 'stdout F out']);
    expect((await runtime.state(id))?.status).toBe('stopped');
    await runtime.delete(id);
    await runtime.delete(id);
    expect(await runtime.state(id)).toBeUndefined();
    expect(await runtime.exitStatus(id)).toEqual(status);
    await runtime.forget(id);
    await runtime.forget(id);
    expect(await runtime.exitStatus(id)).toBeUndefined();
  });

  it('is seen by a second runtime object that has only the folders', async () => {
    const { id } = await world.create('exit 3');
    const other = createRuncRuntime({ root: world.root, exitDir: world.exitDir });
    const waiting = other.waitExit(id);
    await other.start(id);
    expect(await waiting).toMatchObject({ exitCode: 3 });
    expect((await other.list()).map((state) => state.id)).toEqual([id]);
  });

  it.each([
    ['TERM', 143],
    ['SIGKILL', 137],
    [2, 130],
  ])('ends by signal %s', async (signal, exitCode) => {
    const { id } = await world.create(
      "trap 'exit 143' TERM; trap 'exit 130' INT; while :; do sleep 0.02; done",
    );
    await world.runtime.start(id);
    // Only once the shell has set its traps does the signal mean anything to it.
    await until('the loop', async () => ((await world.runtime.processes(id)).length > 1 ? true : undefined));
    await world.runtime.kill(id, signal);
    expect(await world.runtime.waitExit(id)).toMatchObject({ exitCode });
  });

  it('can be paused and resumed', async () => {
    const { runtime } = world;
    const { id } = await world.create('sleep 60');
    await runtime.start(id);
    await runtime.pause(id);
    expect((await runtime.state(id))?.status).toBe('paused');
    await runtime.resume(id);
    expect((await runtime.state(id))?.status).toBe('running');
    await expect(runtime.resume(id)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'CONTAINER_NOT_PAUSED',
    });
  });

  it('takes new limits while it runs', async () => {
    const { id, pid } = await world.create('sleep 60');
    await world.runtime.start(id);
    await world.runtime.update(id, { pids: { limit: 17 } });
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    const path = /^\d+:pids:(.*)$/m.exec(groups)?.[1] ?? '';
    const limit = await readFile(join('/sys/fs/cgroup/pids', path, 'pids.max'), 'utf8');
    expect(limit.trim()).toBe('17');
  });

  it('is refused when the id is in use, and the first one goes on', async () => {
    const { id } = await world.create('exit 4');
    await expect(world.create('exit 5', { id })).rejects.toMatchObject({
      code: Code.AlreadyExists,
      reason: 'CONTAINER_EXISTS',
    });
    await world.runtime.start(id);
    expect(await world.runtime.waitExit(id)).toMatchObject({ exitCode: 4 });
  });

  it('runs its exit command when it has ended', async () => {
    const marker = join(world.folder, 'marker');
    const { id } = await world.create('exit 0', { exitCommand: ['/bin/busybox', 'touch', marker] });
    await world.runtime.start(id);
    await until('the marker', async () =>
      (await readdir(world.folder)).includes('marker') ? true : undefined,
    );
  });
});

describe('a state that does not fit', () => {
  it('is told for an id that nobody knows', async () => {
    const { runtime } = world;
    const unknown = { code: Code.NotFound, reason: 'CONTAINER_UNKNOWN' };
    expect(await runtime.state('nobody')).toBeUndefined();
    await expect(runtime.start('nobody')).rejects.toMatchObject(unknown);
    await expect(runtime.kill('nobody', 'TERM')).rejects.toMatchObject(unknown);
    await expect(runtime.processes('nobody')).rejects.toMatchObject(unknown);
    await expect(runtime.waitExit('nobody')).rejects.toMatchObject(unknown);
    await expect(runtime.delete('nobody')).resolves.toBeUndefined();
    await expect(runtime.delete('nobody', { force: true })).resolves.toBeUndefined();
  });

  it('is told for a container that has ended, or runs', async () => {
    const { runtime } = world;
    const { id } = await world.create('sleep 60');
    await runtime.start(id);
    await expect(runtime.delete(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await expect(runtime.start(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await runtime.kill(id, 'KILL');
    await runtime.waitExit(id);
    await expect(runtime.kill(id, 'TERM')).rejects.toMatchObject({ reason: 'CONTAINER_NOT_RUNNING' });
    await expect(runtime.kill(id, '--all')).rejects.toMatchObject({ reason: 'SIGNAL_UNKNOWN' });
    await expect(runtime.kill(id, 'SIGFOO')).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});

describe('a create that fails', () => {
  it.each([
    ['nope', Code.NotFound, 'COMMAND_NOT_FOUND'],
    ['/nope', Code.NotFound, 'COMMAND_NOT_FOUND'],
    ['/tmp', Code.PermissionDenied, 'COMMAND_NOT_EXECUTABLE'],
    ['/proc/version', Code.PermissionDenied, 'COMMAND_NOT_EXECUTABLE'],
  ])('because of the command %s says so and leaves nothing', async (program, code, reason) => {
    const edit = (spec: Parameters<NonNullable<NonNullable<Parameters<World['create']>[1]>['edit']>>[0]) => ({
      ...spec,
      process: { cwd: '/', env: ['PATH=/bin'], ...spec.process, args: [program] },
    });
    const id = 'failing';
    await expect(world.create('', { id, edit })).rejects.toMatchObject({ code, reason });
    expect(await world.runtime.list()).toEqual([]);
    expect(await readdir(join(world.exitDir, '.notes'))).toEqual([]);
  });

  it('gives the words of the runtime for anything else', async () => {
    const mounts = [{ destination: '/data', type: 'bind', source: '/nope', options: ['bind'] }];
    const creating = world.create('', {
      edit: (spec) => ({ ...spec, mounts: [...(spec.mounts ?? []), ...mounts] }),
    });
    await expect(creating).rejects.toMatchObject({
      code: Code.Internal,
      reason: 'RUNTIME_FAILED',
      message: expect.stringMatching(/\/nope.*no such file or directory/),
    });
  });

  it('names the Debian package of a program that is missing', async () => {
    const { root, exitDir } = world;
    const request = { id: 'c1', bundle: world.folder, logPath: '/x', pidFile: '/x', conmonPidFile: '/x' };
    const noMonitor = createRuncRuntime({ root, exitDir, conmonPath: 'no-conmon' });
    await expect(noMonitor.create(request)).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'PROGRAM_UNKNOWN',
      message: expect.stringContaining('Debian package conmon'),
    });
    const noRuntime = createRuncRuntime({ root, exitDir, runtimePath: '/nope/runc' });
    await expect(noRuntime.version()).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'PROGRAM_UNKNOWN',
      message: expect.stringContaining('Debian package runc'),
    });
  });

  it('says what a monitor complains about that does not start', async () => {
    const { root, exitDir } = world;
    const runtime = createRuncRuntime({ root, exitDir, conmonPath: '/bin/false' });
    const request = { id: 'c1', bundle: world.folder, logPath: '/x', pidFile: '/x' };
    await expect(
      runtime.create({ ...request, conmonPidFile: join(world.folder, 'p') }),
    ).rejects.toMatchObject({ reason: 'MONITOR_FAILED' });
  });

  it('because it was aborted leaves nothing', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(world.create('', { signal: controller.signal })).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(await world.runtime.list()).toEqual([]);
  });

  it('refuses a log path that the monitor would cut', async () => {
    await expect(world.create('', { logPath: '/tmp/a:b.log' })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});

describe('a monitor that is killed', () => {
  it('does not leave the one who waits for ever', async () => {
    const { runtime } = world;
    const { id, pid, monitorPid } = await world.create('sleep 60');
    await runtime.start(id);
    const waiting = runtime.waitExit(id);
    process.kill(monitorPid, 'SIGKILL');
    await gone(monitorPid);
    expect((await runtime.state(id))?.status).toBe('running');
    process.kill(pid, 'SIGKILL');
    const status = await waiting;
    expect(status).toMatchObject({ exitCode: 255, oomKilled: false });
    expect(await runtime.exitStatus(id)).toEqual(status);
  });
});

describe('the runtime', () => {
  it('tells its version and features', async () => {
    expect(await world.runtime.version()).toMatch(/^\d+\.\d+/);
    expect((await world.runtime.features())?.linux?.cgroup?.v1).toBe(true);
    expect(await world.runtime.list()).toEqual([]);
  });
});
