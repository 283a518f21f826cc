// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState } from '@lading/cri-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atCommands, giveAddress, networkOfPlugin, waitFor } from '../network-of-plugin.ts';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';

let world: World;
let daemon: Served;
let gate: string;
let podSandboxId: string;
beforeEach(async () => {
  world = await createWorld();
  gate = join(world.root, 'gate');
  // Its plugin disconnects nothing before the gate is there.
  const leavesSlowly = await networkOfPlugin(
    world,
    atCommands({ ADD: giveAddress, DEL: `: >${leaving()}\n${waitFor(gate)}` }),
  );
  await writeRuntime();
  daemon = await world.serve(...leavesSlowly);
  await daemon.images.pullImage({ image: { image: world.image } });
  ({ podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('slow') }));
});
afterEach(async () => {
  await using ended = world;
  await writeFile(gate, '');
  await ended.leaveNothing();
});

/** runc that makes nothing, where there is a file `slow`, before there is a file `go`. */
async function writeRuntime(): Promise<void> {
  const at = (name: string): string => join(world.root, name);
  const wait = `[ $word = create ] && [ -e ${at('slow')} ] && { : >${at('creating')}; ${waitFor(at('go'))}; }`;
  await writeFile(at('runtime'), `#!/bin/sh\nfor word; do ${wait}; done\nexec runc "$@"\n`);
  await chmod(at('runtime'), 0o755);
  const table = `[crio.runtime.runtimes.runc]\nruntime_path = "${at('runtime')}"\n`;
  await writeFile(at('ladingd.conf'), table);
}

const namespace = (): string => join(world.root, 'run/lading/pods', podSandboxId, 'ns/net');

const leaving = (): string => join(world.root, 'leaving');

async function createContainer(name: string): Promise<string> {
  const config = { metadata: { name }, image: { image: world.image } };
  return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
}

/** What is under way gives the network back, and gets no further before the gate is there. */
async function whileLeaving<T>(work: Promise<unknown>, task: () => Promise<T>): Promise<T> {
  await until(async () => existsSync(leaving()));
  const result = await task();
  await writeFile(gate, '');
  await work;
  return result;
}

describe('StopPodSandbox', () => {
  it('ends a container that was started while the sandbox gave its network back', async () => {
    const { runtime } = daemon;
    const containerId = await createContainer('late');
    await whileLeaving(runtime.stopPodSandbox({ podSandboxId }), () =>
      runtime.startContainer({ containerId }),
    );
    const { status } = await runtime.containerStatus({ containerId });
    expect(status).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 137 });
  });
});

describe('StartContainer', () => {
  it('that comes too late says that its pod was stopped, whatever the runtime makes of it', async () => {
    const { runtime } = daemon;
    const containerId = await createContainer('late');
    await writeFile(join(world.root, 'slow'), '');
    const starting = await whileLeaving(runtime.stopPodSandbox({ podSandboxId }), async () => {
      const call = Promise.allSettled([runtime.startContainer({ containerId })]);
      await until(() => existsSync(join(world.root, 'creating')));
      // The runtime goes on when the sandbox has given its namespaces up.
      void until(() => !existsSync(namespace())).then(() => writeFile(join(world.root, 'go'), ''));
      return { call };
    });
    expect(await starting.call).toMatchObject([
      {
        status: 'rejected',
        reason: {
          code: 'failed_precondition',
          reason: 'POD_STOPPED',
          message: expect.stringMatching(/cannot start: its pod \w{12} is stopping, or has been stopped$/),
        },
      },
    ]);
    const { status } = await runtime.containerStatus({ containerId });
    expect(status).toMatchObject({ state: ContainerState.CONTAINER_EXITED, reason: 'StartError' });
  });
});

describe('RemovePodSandbox', () => {
  it('takes a container along that was created while the sandbox gave its network back', async () => {
    const { runtime } = daemon;
    const containerId = await whileLeaving(runtime.removePodSandbox({ podSandboxId }), () =>
      createContainer('late'),
    );
    await expect(runtime.containerStatus({ containerId })).rejects.toMatchObject({ code: 'not_found' });
    expect((await runtime.listContainers({})).containers).toEqual([]);
  });

  it('and StopPodSandbox, StopContainer and RemoveContainer at once, each more than once, all succeed', async () => {
    const { runtime } = daemon;
    await writeFile(gate, '');
    const containerId = await createContainer('main');
    await runtime.startContainer({ containerId });
    const calls = Array.from({ length: 4 }, () => [
      runtime.stopPodSandbox({ podSandboxId }),
      runtime.stopContainer({ containerId, timeout: 1n }),
      runtime.removePodSandbox({ podSandboxId }),
      runtime.removeContainer({ containerId }),
    ]);
    await Promise.all(calls.flat());
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    expect((await runtime.listContainers({})).containers).toEqual([]);
  });
});
