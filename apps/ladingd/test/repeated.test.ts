// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState, createRuntimeClient, PodSandboxState } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { atCommands, giveAddress, networkOfPlugin, waitFor } from './network-of-plugin.ts';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
/** Killed and started again by some tests: to read the program and to pull the image takes longer than all they do. */
let daemon: Served;
let gate: string;
let calls: string;
let flags: readonly string[];
beforeAll(async () => {
  world = await createWorld();
  [gate, calls] = [join(world.root, 'gate'), join(world.root, 'calls')];
  // Its plugin connects nothing before the gate is there.
  flags = await networkOfPlugin(
    world,
    atCommands({ ADD: `echo $CNI_CONTAINERID >>${calls}\n${waitFor(gate)}\n${giveAddress}` }),
  );
  daemon = await world.serve(...flags);
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterEach(async () => {
  await writeFile(gate, '');
  await world.leaveNothing();
  for (const file of [gate, calls]) await rm(file, { force: true });
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Another daemon after one that is killed. */
async function again(): Promise<void> {
  await daemon.end('SIGKILL');
  daemon = await world.serve(...flags);
}

const made = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);

async function impatient(config: ReturnType<World['pod']>): Promise<void> {
  using client = createRuntimeClient(`unix://${daemon.socket}`, { timeoutMs: 700 });
  await expect(client.runPodSandbox({ config })).rejects.toMatchObject({ code: 'deadline_exceeded' });
}

describe('RunPodSandbox', () => {
  it('gives a client that comes again what it has begun for it before', async () => {
    const config = world.pod('slow');
    await impatient(config);
    expect((await daemon.runtime.listPodSandbox({})).items).toEqual([]);
    const second = daemon.runtime.runPodSandbox({ config });
    await writeFile(gate, '');
    const { podSandboxId } = await second;
    expect(made()).toEqual([podSandboxId]);
    await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
  });

  it('gives it what was finished meanwhile', async () => {
    const config = world.pod('finished');
    await impatient(config);
    await writeFile(gate, '');
    await until(async () => (await daemon.runtime.listPodSandbox({})).items.length === 1);
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config });
    expect(made()).toEqual([podSandboxId]);
  });

  it('does not give it what was asked for otherwise', async () => {
    await impatient(world.pod('other'));
    await writeFile(gate, '');
    await until(async () => (await daemon.runtime.listPodSandbox({})).items.length === 1);
    const config = world.pod('other', { labels: { now: 'different' } });
    await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
  });
});

describe('a daemon that is killed', () => {
  it('while it makes a sandbox makes it again when it is asked again', async () => {
    const config = world.pod('torn');
    const torn = Promise.allSettled([daemon.runtime.runPodSandbox({ config })]);
    await until(() => made().length === 1);
    await again();
    await torn;
    await writeFile(gate, '');
    const { runtime } = daemon;
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    const { podSandboxId } = await runtime.runPodSandbox({ config });
    expect(made()).toEqual([expect.not.stringContaining(podSandboxId), podSandboxId]);
  });

  it('after it has made a sandbox and a container gives them to who asks again', async () => {
    await writeFile(gate, '');
    const config = world.pod('told');
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config });
    await again();
    expect(await daemon.runtime.runPodSandbox({ config })).toEqual({ podSandboxId });
    const container = { metadata: { name: 'main' }, image: { image: world.image }, logPath: 'a/0.log' };
    const request = { podSandboxId, config: container };
    const { containerId } = await daemon.runtime.createContainer(request);
    await again();
    const { runtime } = daemon;
    expect(await runtime.createContainer(request)).toEqual({ containerId });
    await expect(runtime.createContainer(request)).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
    await runtime.startContainer({ containerId });
  });

  it.each([0, 5, 10, 20, 30, 45, 60, 80])(
    'some milliseconds (%d) after StartContainer tells the truth of the container',
    async (ms) => {
      await writeFile(gate, '');
      const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('start') });
      const mark = join(world.root, `mark-${ms}`);
      await mkdir(mark);
      const { containerId } = await daemon.runtime.createContainer({
        podSandboxId,
        config: {
          metadata: { name: 'main' },
          image: { image: world.image },
          command: ['sh', '-c', 'echo ran >>/mark/ran; exec sleep 1000'],
          mounts: [{ hostPath: mark, containerPath: '/mark' }],
        },
      });
      const torn = Promise.allSettled([daemon.runtime.startContainer({ containerId })]);
      await new Promise((resolve) => setTimeout(resolve, ms)); // where in the start it is killed does not matter
      await again();
      await torn;
      const { runtime } = daemon;
      const { status } = await runtime.containerStatus({ containerId });
      if (status?.state === ContainerState.CONTAINER_RUNNING) {
        expect((await runtime.execSync({ containerId, cmd: ['true'] })).exitCode).toBe(0);
      } else {
        // Not started, then: it can be, and its program runs once.
        expect(status?.state).toBe(ContainerState.CONTAINER_CREATED);
        await runtime.startContainer({ containerId });
      }
      await until(() => existsSync(join(mark, 'ran')));
      expect(readFileSync(join(mark, 'ran'), 'utf8')).toBe('ran\n');
      const { status: pod } = await runtime.podSandboxStatus({ podSandboxId });
      expect(pod?.state).toBe(PodSandboxState.SANDBOX_READY);
    },
  );

  it('reports an end that it did not see, with its code and its time', async () => {
    await writeFile(gate, '');
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('ends') });
    const mark = join(world.root, 'mark');
    await mkdir(mark);
    const { containerId } = await daemon.runtime.createContainer({
      podSandboxId,
      config: {
        metadata: { name: 'main' },
        image: { image: world.image },
        command: ['sh', '-c', 'until [ -e /mark/end ]; do sleep 0.02; done; echo x >/mark/ended; exit 9'],
        mounts: [{ hostPath: mark, containerPath: '/mark' }],
      },
    });
    await daemon.runtime.startContainer({ containerId });
    await daemon.end('SIGKILL');
    const before = BigInt(Date.now()) * 1_000_000n;
    await writeFile(join(mark, 'end'), '');
    await until(() => existsSync(join(mark, 'ended')));
    daemon = await world.serve(...flags);
    const { runtime } = daemon;
    const statusOf = async () => (await runtime.containerStatus({ containerId })).status;
    await until(async () => (await statusOf())?.state === ContainerState.CONTAINER_EXITED);
    const status = await statusOf();
    expect(status).toMatchObject({ exitCode: 9, reason: 'Error' });
    const second = 1_000_000_000n; // the monitor writes whole seconds
    expect(status?.finishedAt).toBeGreaterThan(before - second);
    expect(status?.finishedAt).toBeLessThan(BigInt(Date.now()) * 1_000_000n + second);
  });
});
