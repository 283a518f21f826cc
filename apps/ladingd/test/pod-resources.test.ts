// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const unknown = 'ab'.repeat(32);
/** What is said where CRIU is, on a machine that has it, is another thing. */
const withoutCriu = {
  code: existsSync('/usr/sbin/criu') ? 'unimplemented' : 'failed_precondition',
  message: expect.stringContaining('CRIU'),
};

async function runPod(name: string): Promise<string> {
  return (await daemon.runtime.runPodSandbox({ config: world.pod(name) })).podSandboxId;
}

async function create(podSandboxId: string, name: string): Promise<string> {
  const config = { metadata: { name }, image: { image: world.image }, logPath: `${name}/0.log` };
  return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
}

describe('checkpoints', () => {
  it('are refused as far as they are not made, after the request was looked at', async () => {
    const { runtime } = daemon;
    const podSandboxId = await runPod('saved');
    const containerId = await create(podSandboxId, 'main');
    const missing = { code: 'not_found' };
    const faulty = { code: 'invalid_argument' };
    const location = '/tmp/checkpoint.tar';
    const checkpoint = { podSandboxId, outputPath: '/tmp/checkpoint' };
    for (const [call, expected] of [
      [() => runtime.checkpointContainer({ containerId: unknown, location }), missing],
      [() => runtime.checkpointContainer({ containerId }), faulty],
      [() => runtime.checkpointContainer({ containerId, location: 'checkpoint.tar' }), faulty],
      [() => runtime.checkpointContainer({ containerId, location: '/tmp/a\0.tar' }), faulty],
      [
        () => runtime.checkpointContainer({ containerId, location }),
        { code: 'failed_precondition', message: expect.stringContaining('created') },
      ],
      [() => runtime.checkpointPod({ ...checkpoint, podSandboxId: unknown }), missing],
      [() => runtime.checkpointPod({ podSandboxId }), faulty],
      [() => runtime.checkpointPod({ ...checkpoint, containerIds: [unknown] }), faulty],
      [() => runtime.checkpointPod(checkpoint), withoutCriu],
      [() => runtime.restorePod({ config: world.pod('back') }), faulty],
      [() => runtime.restorePod({ checkpointPath: '/tmp/checkpoint' }), faulty],
      [
        () => runtime.restorePod({ checkpointPath: '/tmp/checkpoint', config: world.pod('back') }),
        withoutCriu,
      ],
    ] as const) {
      await expect(call()).rejects.toMatchObject(expected);
    }
  });

  it('of a container are made by CRIU, or refused in its words; the container runs on', async () => {
    const { runtime } = daemon;
    const containerId = await create(await runPod('running'), 'main');
    await runtime.startContainer({ containerId });
    const location = join(world.root, 'checkpoint.tar');
    const made = runtime.checkpointContainer({ containerId, location, timeout: 60n });
    // CRIU works on few machines that are sandboxes themselves.
    if (spawnSync('criu', ['check']).status === 0) {
      await made;
      expect(existsSync(location)).toBe(true);
    } else {
      await expect(made).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'CHECKPOINT_FAILED',
        message: expect.stringContaining('CRIU says: Error'),
      });
      expect(existsSync(location)).toBe(false);
    }
    expect((await runtime.execSync({ containerId, cmd: ['true'] })).exitCode).toBe(0);
  });
});

describe('RunPodSandbox', () => {
  it('keeps what the kubelet says of the resources of a pod and of those beside its containers', async () => {
    const { runtime } = daemon;
    const config = world.pod('overhead');
    const linux = {
      ...config.linux,
      overhead: { memoryLimitInBytes: 1n << 24n },
      resources: { cpuShares: 512n, memoryLimitInBytes: 1n << 30n },
    };
    const { podSandboxId } = await runtime.runPodSandbox({ config: { ...config, linux } });
    const { info } = await runtime.podSandboxStatus({ podSandboxId, verbose: true });
    expect(JSON.parse(info.info ?? '')).toMatchObject({
      overhead: { memoryLimitInBytes: String(1n << 24n) },
      resources: { cpuShares: '512', memoryLimitInBytes: String(1n << 30n) },
    });
  });
});

describe('UpdatePodSandboxResources', () => {
  it('keeps what the kubelet has set, of a sandbox that is ready', async () => {
    const { runtime } = daemon;
    const podSandboxId = await runPod('sized');
    const resources = { memoryLimitInBytes: 1n << 40n };
    await runtime.updatePodSandboxResources({ podSandboxId, resources, overhead: { cpuShares: 2n } });
    const { info, status } = await runtime.podSandboxStatus({ podSandboxId, verbose: true });
    expect(status?.metadata?.name).toBe('sized');
    expect(JSON.parse(info.info ?? '')).toMatchObject({
      resources: { memoryLimitInBytes: String(1n << 40n) },
      overhead: { cpuShares: '2' },
    });
    await runtime.stopPodSandbox({ podSandboxId });
    await expect(runtime.updatePodSandboxResources({ podSandboxId, resources })).rejects.toMatchObject({
      code: 'failed_precondition',
    });
    await expect(
      runtime.updatePodSandboxResources({ podSandboxId: unknown, resources }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});
