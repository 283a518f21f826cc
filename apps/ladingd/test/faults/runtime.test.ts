// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ContainerState } from '@lading/cri-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { createWorld, type Served, type World } from '../world.ts';
import { leadOtherPod, watchSettled } from './other-pod.ts';

const module = fileURLToPath(new URL('./slow-runtime.ts', import.meta.url));
/** By name, the commands at which it does nothing while its gate is closed. */
const slow = { creates: ['create'], starts: ['start', 'state'], deletes: ['delete'] } as const;

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  const tables = Object.keys(slow).map(
    (name) => `[crio.runtime.runtimes.${name}]\nruntime_path = "${module}"\n`,
  );
  await writeFile(
    join(world.root, 'ladingd.conf'),
    `[crio.runtime]\ndefault_runtime = "runc"\n[crio.runtime.runtimes.runc]\nruntime_path = "runc"\n${tables.join('')}`,
  );
  for (const [name, verbs] of Object.entries(slow)) {
    const path = join(world.root, name);
    const hang = `[ -e ${path}.gate ] && { echo >${path}.waits; exec sleep 1000; }`;
    await writeFile(
      path,
      `#!/bin/sh\nfor word; do case $word in ${verbs.join('|')}) ${hang} ;; esac; done\nexec runc "$@"\n`,
    );
    await chmod(path, 0o755);
  }
  daemon = await world.serve();
  await daemon.images.pullImage({ image: { image: world.image } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

interface Made {
  readonly podSandboxId: string;
  readonly containerId: string;
}

async function make(runtimeHandler: string): Promise<Made> {
  const { runtime } = daemon;
  const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod(runtimeHandler), runtimeHandler });
  const config = { metadata: { name: 'main' }, image: { image: world.image } };
  const { containerId } = await runtime.createContainer({ podSandboxId, config });
  return { podSandboxId, containerId };
}

describe('a runtime that hangs', () => {
  it('fails the call after a while, and no other call', async () => {
    const { runtime } = daemon;
    const [creates, starts, deletes] = await Promise.all([make('creates'), make('starts'), make('deletes')]);
    await runtime.startContainer(deletes);
    for (const name of Object.keys(slow)) await writeFile(join(world.root, `${name}.gate`), '');
    const calls = {
      creates: runtime.startContainer(creates),
      starts: runtime.startContainer(starts),
      deletes: runtime.stopContainer(deletes),
    };
    const isOver = Object.values(calls).map(watchSettled);
    for (const name of Object.keys(slow)) await until(() => existsSync(join(world.root, `${name}.waits`)));
    await leadOtherPod(daemon, world, 'other');
    // It is not known to run: its runtime does not say.
    const { status } = await runtime.containerStatus(starts);
    expect(status?.state).toBe(ContainerState.CONTAINER_CREATED);
    expect(isOver.map((is) => is())).toEqual([false, false, false]);
    for (const [verb, call] of Object.entries(calls)) {
      await expect(call).rejects.toMatchObject({
        code: 'deadline_exceeded',
        reason: 'RUNTIME_HANGS',
        message: expect.stringMatching(
          `runtime ${verb.slice(0, -1)} of container \\w+ was not done after 15 s`,
        ),
      });
    }

    for (const name of Object.keys(slow)) await rm(join(world.root, `${name}.gate`));
    for (const made of [creates, starts]) {
      await runtime.startContainer(made);
      expect((await runtime.containerStatus(made)).status?.state).toBe(ContainerState.CONTAINER_RUNNING);
    }
    await runtime.stopContainer(deletes);
    expect((await runtime.containerStatus(deletes)).status).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 137,
    });
    for (const made of [creates, starts, deletes]) await runtime.removePodSandbox(made);
    await until(() => world.leftovers().length === 0);
  });
});
