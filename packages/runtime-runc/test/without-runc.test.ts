// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import type { Spec } from '@lading/oci-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuncRuntime, type RuncRuntime } from '../src/index.ts';
import { gone, makeWorld, until, type World } from './world.ts';

let world: World;
/** A runc that notes what it is called for. */
let runtime: RuncRuntime;
beforeEach(async () => {
  world = await makeWorld();
  runtime = await noting('runc');
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('what is done without starting runc', () => {
  it('is to start, kill and delete a plain container; nothing of it stays', async () => {
    const { id, pid } = await world.create('trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done');
    const groups = await groupsOf(pid);
    // As a container with a hierarchy of its own would.
    const inner = join(groups.find((group) => group.includes('/pids/')) ?? '', 'inner', 'most');
    await mkdir(inner, { recursive: true });
    await runtime.start(id);
    await until('the shell to be ready', async () => readyIn(id));
    await runtime.kill(id, 'TERM');
    expect(await runtime.waitExit(id)).toMatchObject({ exitCode: 9 });
    await runtime.delete(id);
    expect(await calls()).toEqual([]);
    expect([...groups, inner].filter((group) => existsSync(group))).toEqual([]);
    expect(await readdir(world.root)).toEqual([]);
    expect(await world.runtime.list()).toEqual([]);
  });

  it('is not for a runtime of another name', async () => {
    const other = await noting('runc-with-more');
    const { id } = await world.create('sleep 1000');
    await other.start(id);
    await other.kill(id, 9);
    await other.waitExit(id);
    await other.delete(id);
    expect(await calls()).toEqual(['start', 'kill', 'delete']);
  });

  it.each<[string, (spec: Spec) => Spec]>([
    ['with hooks', (spec) => ({ ...spec, hooks: { poststop: [{ path: '/bin/true' }] } })],
    ['in the pid namespace of others', (spec) => without(spec, 'pid')],
  ])('is not for a container %s', async (_what, edit) => {
    const { id } = await world.create('sleep 1000', { edit });
    await runtime.start(id);
    await runtime.kill(id, 'KILL');
    await runtime.waitExit(id);
    await runtime.delete(id);
    expect(await calls()).toEqual(['start', 'kill', 'delete']);
  });

  it('is not to start a container with a terminal, whose size may be on its way', async () => {
    const { id } = await world.create('exit 0', {
      terminal: true,
      edit: (spec) => ({ ...spec, process: { cwd: '/', ...spec.process, terminal: true } }),
    });
    await runtime.start(id);
    await runtime.waitExit(id);
    expect(await calls()).toEqual(['start']);
  });

  it('is not to kill what is frozen, nor by a signal that is none', async () => {
    const { id } = await world.create('sleep 1000');
    await runtime.start(id);
    await world.runtime.pause(id);
    await runtime.kill(id, 'KILL');
    expect(await runtime.waitExit(id)).toMatchObject({ exitCode: 137 });
    expect(await calls()).toEqual(['kill']);
    await expect(runtime.kill(id, 'NOSUCH')).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  it('is not to delete what runs', async () => {
    const { id } = await world.create('sleep 1000');
    await runtime.start(id);
    await expect(runtime.delete(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await runtime.delete(id, { force: true });
    expect(await calls()).toEqual(['delete', 'delete']);
    expect(await runtime.state(id)).toBeUndefined();
  });
});

describe('a state that does not fit', () => {
  it('is told by runc: started twice, killed before its start, killed when it has ended', async () => {
    const { id } = await world.create('sleep 1000');
    await runtime.start(id);
    await expect(runtime.start(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await runtime.kill(id, 'KILL');
    await runtime.waitExit(id);
    await expect(runtime.kill(id, 'TERM')).rejects.toMatchObject({ reason: 'CONTAINER_NOT_RUNNING' });
    const dead = await world.create('sleep 1000');
    process.kill(dead.pid, 'SIGKILL');
    await gone(dead.pid);
    await expect(runtime.start(dead.id)).rejects.toMatchObject({ reason: 'CONTAINER_NOT_RUNNING' });
    await runtime.delete(dead.id);
    expect(await readdir(world.root)).toEqual([id]);
  });

  it.each([
    ['cut off', '{"init_process_pid": 1'],
    ['of another form', '[1]'],
    ['of process 1', '{"init_process_pid": 1, "init_process_start": 1, "rootless": false}'],
  ])('is left to runc when its file is %s', async (_what, content) => {
    const { id, pid } = await world.create('sleep 1000');
    const path = join(world.root, id, 'state.json');
    const state = await readFile(path);
    await writeFile(path, content);
    await runtime.kill(id, 'KILL').catch(() => {});
    expect(await calls()).toEqual(['kill']);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    await writeFile(path, state);
  });
});

async function noting(name: string): Promise<RuncRuntime> {
  const runtimePath = join(world.folder, 'programs', name);
  await mkdir(join(world.folder, 'programs'), { recursive: true });
  const note = `for word; do case $word in start|kill|delete) echo $word >>${world.folder}/calls;; esac; done`;
  await writeFile(runtimePath, `#!/bin/sh\n${note}\nexec runc "$@"\n`);
  await chmod(runtimePath, 0o755);
  return createRuncRuntime({ root: world.root, exitDir: world.exitDir, runtimePath });
}

async function calls(): Promise<readonly string[]> {
  const path = join(world.folder, 'calls');
  return existsSync(path) ? (await readFile(path, 'utf8')).trim().split('\n') : [];
}

async function groupsOf(pid: number): Promise<readonly string[]> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n');
  return lines.flatMap((line) => {
    const [, hierarchy = '', path = ''] = line.split(':');
    const folder = join('/sys/fs/cgroup', hierarchy.replace('name=', ''), path);
    return path.includes('ldg') && existsSync(folder) ? [folder] : [];
  });
}

async function readyIn(id: string): Promise<true | undefined> {
  return (await world.runtime.processes(id)).length > 1 ? true : undefined;
}

function without(spec: Spec, type: string): Spec {
  const namespaces = spec.linux?.namespaces?.filter((namespace) => namespace.type !== type) ?? [];
  return { ...spec, linux: { ...spec.linux, namespaces } };
}
