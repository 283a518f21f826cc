// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  for (const name of ['old', 'new']) await writeProgram(name);
  await configure(tableOf('mine', 'old'));
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await configure(tableOf('mine', 'old'));
  await reload();
});
// By the daemon, as what clears the world does not know of these runtimes.
afterEach(async () => {
  for (const { id } of (await daemon.runtime.listPodSandbox({})).items)
    await daemon.runtime.removePodSandbox({ podSandboxId: id });
  expect(world.leftovers()).toEqual([]);
});

/** runc that says by a file for which container it was asked to do something. */
async function writeProgram(name: string): Promise<void> {
  const path = join(world.root, name);
  await writeFile(path, `#!/bin/sh\nfor word; do :; done\n: >"${path}.$word"\nexec runc "$@"\n`);
  await chmod(path, 0o755);
}

const hasRun = (program: string, containerId: string): boolean =>
  existsSync(join(world.root, `${program}.${containerId}`));

/** A runtime of a program that has its state in a folder beside it. */
const tableOf = (name: string, program: string): string =>
  `[crio.runtime.runtimes.${name}]\nruntime_path = "${world.root}/${program}"\nruntime_root = "${world.root}/${program}.d"\n`;

async function configure(text: string): Promise<void> {
  await writeFile(join(world.root, 'ladingd.conf'), text);
}

let reloads = 0;
async function reload(): Promise<void> {
  reloads += 1;
  daemon.reload();
  await until(() => daemon.stderr().split('configuration reloaded').length === reloads + 1);
}

async function start(podSandboxId: string, name: string): Promise<string> {
  const config = { metadata: { name }, image: { image } };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

async function handlers(): Promise<readonly string[]> {
  const { runtimeHandlers } = await daemon.runtime.status({});
  return runtimeHandlers.map(({ name }) => name);
}

describe('the runtimes after a reload', () => {
  it.each([
    ['redefined', 'mine'],
    ['replaced by another', 'other'],
  ])('are new for new pods, and for those that there are what they were: %s', async (_how, name) => {
    const { runtime } = daemon;
    // With a process of its own, which the runtime of the pod has made.
    const linux = { securityContext: { namespaceOptions: {} } };
    const { podSandboxId: before } = await runtime.runPodSandbox({ config: world.pod('before', { linux }) });
    const running = await start(before, 'running');
    const { containerId: created } = await runtime.createContainer({
      podSandboxId: before,
      config: { metadata: { name: 'created' }, image: { image } },
    });
    await configure(tableOf(name, 'new'));
    await reload();
    expect(await handlers()).toEqual(['', name]);

    const { podSandboxId: after } = await runtime.runPodSandbox({ config: world.pod('after') });
    const newer = await start(after, 'main');
    expect([hasRun('new', newer), hasRun('old', newer)]).toEqual([true, false]);

    const late = await start(before, 'late');
    await runtime.startContainer({ containerId: created });
    for (const containerId of [running, late, created]) {
      expect([hasRun('new', containerId), hasRun('old', containerId)]).toEqual([false, true]);
      const { stdout } = await runtime.execSync({ containerId, cmd: ['echo', 'up'] });
      expect(Buffer.from(stdout).toString()).toBe('up\n');
      await runtime.stopContainer({ containerId });
      expect((await runtime.containerStatus({ containerId })).status).toMatchObject({
        state: ContainerState.CONTAINER_EXITED,
        exitCode: 137,
      });
    }
  });

  it('are told not to be ready where the default one, or its monitor, is not there', async () => {
    const conditions = async () => (await daemon.runtime.status({})).status?.conditions;
    expect(await conditions()).toMatchObject([{ type: 'RuntimeReady', status: true }, {}]);
    await configure(tableOf('mine', 'missing'));
    await reload();
    expect(await conditions()).toMatchObject([
      {
        type: 'RuntimeReady',
        status: false,
        reason: 'RuntimeNotReady',
        message: expect.stringContaining(`${world.root}/missing`),
      },
      {},
    ]);
    await configure(`${tableOf('mine', 'old')}monitor_path = "/nope/conmon"\n`);
    await reload();
    expect(await conditions()).toMatchObject([
      { status: false, message: expect.stringMatching(/^the runtime mine cannot be used: .*\/nope\/conmon/) },
      {},
    ]);
  });

  it('are not had by a name that is gone, and stay where the new ones cannot be', async () => {
    const { runtime } = daemon;
    await configure(tableOf('other', 'new'));
    await reload();
    const config = world.pod('pod');
    await expect(runtime.runPodSandbox({ config, runtimeHandler: 'mine' })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'no runtime named "mine"; there is other',
    });
    await configure(`[crio.runtime]\ndefault_runtime = "nope"\n${tableOf('other', 'new')}`);
    daemon.reload();
    await until(() =>
      daemon
        .stderr()
        .includes('the configuration is not reloaded: the default runtime "nope" is not among the runtimes'),
    );
    expect(await handlers()).toEqual(['', 'other']);
  });
});
