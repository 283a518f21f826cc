// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState } from '@lading/cri-api';
import { mount, unmount } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';

let world: World;
let daemon: Served;
const mounted: string[] = [];
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  try {
    await daemon.end('SIGTERM');
    await world.clear();
    await until(() => world.leftovers().filter((line) => !isOurs(line)).length === 0);
  } finally {
    for (const target of mounted.splice(0)) unmount(target, { lazy: true });
    await world[Symbol.asyncDispose]();
  }
});

const isOurs = (line: string): boolean => mounted.some((target) => line === `mount ${target}`);

/** A file system of its own. */
async function small(name: string, megabytes: number): Promise<string> {
  const target = join(world.root, name);
  await mkdir(target, { recursive: true });
  mount({ source: 'small', target, type: 'tmpfs', flags: [], data: `size=${megabytes}m` });
  mounted.push(target);
  return target;
}

/** Takes all room that is left; gives a function that gives it back. */
function fill(folder: string): () => void {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (const size of [1 << 20, 4096]) {
      const block = new Uint8Array(size);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}

const full = {
  code: 'resource_exhausted',
  message: expect.stringMatching(/no space left|disk is full|ENOSPC/i),
};
const pull = () => daemon.images.pullImage({ image: { image: world.image } });

async function runPod(name: string): Promise<string> {
  return (await daemon.runtime.runPodSandbox({ config: world.pod(name) })).podSandboxId;
}

async function create(podSandboxId: string, name: string, command: string[] = []): Promise<string> {
  const config = { metadata: { name }, image: { image: world.image }, logPath: `${name}.log`, command };
  return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
}

describe('a full disk', () => {
  it('under the store fails what wants room, and lets what is there be stopped and removed', async () => {
    const graph = await small('graph', 16);
    daemon = await world.serve();
    const { runtime } = daemon;
    let empty = fill(graph);
    await expect(pull()).rejects.toMatchObject(full);
    expect((await daemon.images.listImages({})).images).toEqual([]);
    empty();
    await pull();
    const podSandboxId = await runPod('disk');
    const [runs, made] = [await create(podSandboxId, 'runs'), await create(podSandboxId, 'made')];
    await runtime.startContainer({ containerId: runs });
    empty = fill(graph);
    await expect(create(podSandboxId, 'late')).rejects.toMatchObject(full);
    await expect(runPod('late')).rejects.toMatchObject(full);
    await expect(runtime.startContainer({ containerId: made })).rejects.toMatchObject(full);
    expect((await runtime.execSync({ containerId: runs, cmd: ['echo', 'x'] })).exitCode).toBe(0);
    expect((await runtime.listContainers({})).containers).toHaveLength(2);
    expect((await runtime.listPodSandbox({})).items).toHaveLength(1);
    await runtime.removeContainer({ containerId: made });
    await runtime.stopContainer({ containerId: runs });
    await runtime.removePodSandbox({ podSandboxId });
    empty();
    const again = await runPod('late');
    await runtime.startContainer({ containerId: await create(again, 'late') });
    await runtime.removePodSandbox({ podSandboxId: again });
  });

  it('under the run folder does so too', async () => {
    const run = await small('run', 4);
    daemon = await world.serve();
    const { runtime } = daemon;
    await pull();
    const podSandboxId = await runPod('disk');
    const [runs, made] = [await create(podSandboxId, 'runs'), await create(podSandboxId, 'made')];
    await runtime.startContainer({ containerId: runs });
    const empty = fill(run);
    await expect(runPod('late')).rejects.toMatchObject(full);
    await expect(runtime.startContainer({ containerId: made })).rejects.toMatchObject(full);
    await expect(runtime.execSync({ containerId: runs, cmd: ['true'] })).rejects.toMatchObject(full);
    expect((await runtime.listContainers({})).containers).toHaveLength(2);
    await runtime.stopContainer({ containerId: runs });
    expect((await runtime.containerStatus({ containerId: runs })).status).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
    });
    await runtime.removePodSandbox({ podSandboxId });
    empty();
    const again = await runPod('late');
    await runtime.startContainer({ containerId: await create(again, 'late') });
    await runtime.removePodSandbox({ podSandboxId: again });
  });

  it('under the logs costs lines, and no container', async () => {
    const logs = await small('logs', 1);
    daemon = await world.serve();
    const { runtime } = daemon;
    await pull();
    const podSandboxId = await runPod('disk');
    const containerId = await create(podSandboxId, 'talks', [
      'sh',
      '-c',
      'while :; do echo x; sleep 0.01; done',
    ]);
    await runtime.startContainer({ containerId });
    const empty = fill(logs);
    expect((await runtime.execSync({ containerId, cmd: ['sh', '-c', 'sleep 0.2'] })).exitCode).toBe(0);
    expect((await runtime.containerStatus({ containerId })).status?.state).toBe(
      ContainerState.CONTAINER_RUNNING,
    );
    empty();
    await runtime.reopenContainerLog({ containerId });
    await runtime.stopContainer({ containerId });
    expect((await runtime.containerStatus({ containerId })).status?.exitCode).toBe(137);
    await runtime.removePodSandbox({ podSandboxId });
  });
});
