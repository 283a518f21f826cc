// SPDX-License-Identifier: Apache-2.0
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState } from '@lading/cri-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeEach(async () => {
  world = await createWorld();
  // Of another name than runc, whose containers are not looked at by what runc keeps of them.
  const program = join(world.root, 'own-runc');
  await writeFile(program, '#!/bin/sh\nexec runc "$@"\n');
  await chmod(program, 0o755);
  await configure(
    `[crio.runtime.runtimes.own]\nruntime_path = "${program}"\nruntime_root = "${world.root}/state"\n`,
  );
  daemon = await world.serve('--default-runtime', 'runc');
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterEach(() => world?.[Symbol.asyncDispose]());

async function configure(more: string): Promise<void> {
  await writeFile(join(world.root, 'ladingd.conf'), `[crio.runtime.runtimes.runc]\n${more}`);
}

async function start(podSandboxId: string, name: string): Promise<string> {
  const command = ['sleep', '600'];
  const config = { metadata: { name }, image: { image }, command };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

async function pidOf(containerId: string): Promise<number> {
  const { info } = await daemon.runtime.containerStatus({ containerId, verbose: true });
  const { pid }: { pid: number } = JSON.parse(info.info ?? '');
  return pid;
}

async function reload(): Promise<void> {
  daemon.reload();
  await until(() => daemon.stderr().includes('configuration reloaded'));
}

describe('what was made with a runtime that the configuration does not have any more', () => {
  it.each(['taken out by a reload', 'not there at the next start'])(
    'is told as it is, and can be removed: %s',
    async (how) => {
      // With a process of its own, which the runtime of the pod has made.
      const config = world.pod('pod', { linux: { securityContext: { namespaceOptions: {} } } });
      const { podSandboxId } = await daemon.runtime.runPodSandbox({ config, runtimeHandler: 'own' });
      const ended = await start(podSandboxId, 'ended');
      const running = await start(podSandboxId, 'running');
      const created = await daemon.runtime.createContainer({
        podSandboxId,
        config: { metadata: { name: 'created' }, image: { image } },
      });
      const pid = await pidOf(ended);
      await configure('');
      if (how === 'taken out by a reload') await reload();
      await daemon.end('SIGKILL');
      process.kill(pid, 'SIGKILL');
      daemon = await world.serve();
      const { runtime } = daemon;

      await until(async () => {
        const { containers } = await runtime.listContainers({ filter: { id: ended } });
        return containers[0]?.state === ContainerState.CONTAINER_EXITED;
      });
      const { status } = await runtime.containerStatus({ containerId: ended });
      expect(status).toMatchObject({
        state: ContainerState.CONTAINER_EXITED,
        exitCode: 137,
        reason: 'Error',
      });
      expect(status?.finishedAt).toBeGreaterThan(status?.startedAt ?? 0n);
      const { stdout } = await runtime.execSync({ containerId: running, cmd: ['echo', 'up'] });
      expect(Buffer.from(stdout).toString()).toBe('up\n');

      await expect(
        runtime.runPodSandbox({ config: world.pod('new'), runtimeHandler: 'own' }),
      ).rejects.toMatchObject({ message: 'no runtime named "own"; there is runc' });

      await runtime.stopContainer({ containerId: running });
      for (const containerId of [ended, running, created.containerId])
        await runtime.removeContainer({ containerId });
      expect((await runtime.listContainers({})).containers).toEqual([]);
      await runtime.removePodSandbox({ podSandboxId });
      expect(daemon.stderr()).not.toContain('has ended, but');
      expect(world.leftovers()).toEqual([]);
    },
  );
});
