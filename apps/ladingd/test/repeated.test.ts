// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState, createRuntimeClient, PodSandboxState } from '@lading/cri-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atCommands, giveAddress, networkOfPlugin, waitFor } from './network-of-plugin.ts';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let flags: readonly string[];
let gate: string;
let calls: string;
beforeEach(async () => {
  world = await createWorld();
  [gate, calls] = [join(world.root, 'gate'), join(world.root, 'calls')];
  // Its plugin connects nothing before the gate is there.
  flags = await networkOfPlugin(
    world,
    atCommands({ ADD: `echo $CNI_CONTAINERID >>${calls}\n${waitFor(gate)}\n${giveAddress}` }),
  );
});
afterEach(async () => {
  await using ended = world;
  await writeFile(gate, '');
  await ended.leaveNothing();
});

const made = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);

async function impatient(daemon: Served, config: ReturnType<World['pod']>): Promise<void> {
  using client = createRuntimeClient(`unix://${daemon.socket}`, { timeoutMs: 700 });
  await expect(client.runPodSandbox({ config })).rejects.toMatchObject({ code: 'deadline_exceeded' });
}

describe('RunPodSandbox', () => {
  it('gives a client that comes again what it has begun for it before', async () => {
    const daemon = await world.serve(...flags);
    const config = world.pod('slow');
    await impatient(daemon, config);
    expect((await daemon.runtime.listPodSandbox({})).items).toEqual([]);
    const again = daemon.runtime.runPodSandbox({ config });
    await writeFile(gate, '');
    const { podSandboxId } = await again;
    expect(made()).toEqual([podSandboxId]);
    await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
  });

  it('gives it what was finished meanwhile', async () => {
    const daemon = await world.serve(...flags);
    const config = world.pod('finished');
    await impatient(daemon, config);
    await writeFile(gate, '');
    await until(async () => (await daemon.runtime.listPodSandbox({})).items.length === 1);
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config });
    expect(made()).toEqual([podSandboxId]);
  });

  it('does not give it what was asked for otherwise', async () => {
    const daemon = await world.serve(...flags);
    await impatient(daemon, world.pod('other'));
    await writeFile(gate, '');
    await until(async () => (await daemon.runtime.listPodSandbox({})).items.length === 1);
    const config = world.pod('other', { labels: { now: 'different' } });
    await expect(daemon.runtime.runPodSandbox({ config })).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
  });
});

describe('a daemon that is killed', () => {
  it('while it makes a sandbox makes it again when it is asked again', async () => {
    const first = await world.serve(...flags);
    const config = world.pod('torn');
    const torn = Promise.allSettled([first.runtime.runPodSandbox({ config })]);
    await until(() => made().length === 1);
    await first.end('SIGKILL');
    await torn;
    await writeFile(gate, '');
    const { runtime } = await world.serve(...flags);
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    const { podSandboxId } = await runtime.runPodSandbox({ config });
    expect(made()).toEqual([expect.not.stringContaining(podSandboxId), podSandboxId]);
  });

  it('after it has made a sandbox and a container gives them to who asks again', async () => {
    await writeFile(gate, '');
    const first = await world.serve(...flags);
    await first.images.pullImage({ image: { image: world.image } });
    const config = world.pod('told');
    const { podSandboxId } = await first.runtime.runPodSandbox({ config });
    await first.end('SIGKILL');
    const second = await world.serve(...flags);
    expect(await second.runtime.runPodSandbox({ config })).toEqual({ podSandboxId });
    const container = { metadata: { name: 'main' }, image: { image: world.image }, logPath: 'a/0.log' };
    const request = { podSandboxId, config: container };
    const { containerId } = await second.runtime.createContainer(request);
    await second.end('SIGKILL');
    const { runtime } = await world.serve(...flags);
    expect(await runtime.createContainer(request)).toEqual({ containerId });
    await expect(runtime.createContainer(request)).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
    await runtime.startContainer({ containerId });
  });

  it.each([0, 5, 10, 20, 30, 45, 60, 80])(
    'some milliseconds (%d) after StartContainer tells the truth of the container',
    async (ms) => {
      await writeFile(gate, '');
      const first = await world.serve(...flags);
      await first.images.pullImage({ image: { image: world.image } });
      const { podSandboxId } = await first.runtime.runPodSandbox({ config: world.pod('start') });
      const mark = join(world.root, `mark-${ms}`);
      await mkdir(mark);
      const { containerId } = await first.runtime.createContainer({
        podSandboxId,
        config: {
          metadata: { name: 'main' },
          image: { image: world.image },
          command: ['sh', '-c', 'echo ran >>/mark/ran; exec sleep 1000'],
          mounts: [{ hostPath: mark, containerPath: '/mark' }],
        },
      });
      const torn = Promise.allSettled([first.runtime.startContainer({ containerId })]);
      await new Promise((resolve) => setTimeout(resolve, ms)); // where in the start it is killed does not matter
      await first.end('SIGKILL');
      await torn;
      const { runtime } = await world.serve(...flags);
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
    const first = await world.serve(...flags);
    await first.images.pullImage({ image: { image: world.image } });
    const { podSandboxId } = await first.runtime.runPodSandbox({ config: world.pod('ends') });
    const mark = join(world.root, 'mark');
    await mkdir(mark);
    const { containerId } = await first.runtime.createContainer({
      podSandboxId,
      config: {
        metadata: { name: 'main' },
        image: { image: world.image },
        command: ['sh', '-c', 'until [ -e /mark/end ]; do sleep 0.02; done; echo x >/mark/ended; exit 9'],
        mounts: [{ hostPath: mark, containerPath: '/mark' }],
      },
    });
    await first.runtime.startContainer({ containerId });
    await first.end('SIGKILL');
    const before = BigInt(Date.now()) * 1_000_000n;
    await writeFile(join(mark, 'end'), '');
    await until(() => existsSync(join(mark, 'ended')));
    const { runtime } = await world.serve(...flags);
    const statusOf = async () => (await runtime.containerStatus({ containerId })).status;
    await until(async () => (await statusOf())?.state === ContainerState.CONTAINER_EXITED);
    const status = await statusOf();
    expect(status).toMatchObject({ exitCode: 9, reason: 'Error' });
    const second = 1_000_000_000n; // the monitor writes whole seconds
    expect(status?.finishedAt).toBeGreaterThan(before - second);
    expect(status?.finishedAt).toBeLessThan(BigInt(Date.now()) * 1_000_000n + second);
  });
});
