// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine } from '@lading/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Served, type World } from './world.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

/** Runs `ladingd wipe` on the store of the daemon. */
function wipe(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const places = [
    ...['--config', join(world.root, 'ladingd.conf'), '--listen', join(world.root, 'sockets/ladingd.sock')],
    ...['--root', join(world.root, 'graph'), '--runroot', join(world.root, 'run')],
  ];
  const args = ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning', main, 'wipe'];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...places, ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function startPod(daemon: Served, name: string): Promise<string> {
  const { imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } });
  const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod(name) });
  const config = { metadata: { name: 'main' }, image: { image } };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return podSandboxId;
}

describe('ladingd wipe', () => {
  it('removes what an earlier boot has left, and nothing else', async () => {
    const daemon = await world.serve();
    const old = await startPod(daemon, 'old');
    await startPod(daemon, 'fresh');
    await daemon.runtime.stopPodSandbox({ podSandboxId: old });
    expect(await daemon.end('SIGTERM')).toBe(0);
    const record = join(world.root, 'graph/lading/pods', `${old}.json`);
    const pod = JSON.parse(await readFile(record, 'utf8'));
    await writeFile(record, JSON.stringify({ ...pod, bootId: 'an-earlier-one' }));
    expect(await wipe()).toEqual({
      code: 0,
      stdout: 'removed sandbox k8s_POD_old_test_old-uid_0\n',
      stderr: '',
    });
    const next = await world.serve();
    const { items } = await next.runtime.listPodSandbox({});
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['fresh']);
    const { containers } = await next.runtime.listContainers({});
    expect(containers.map(({ state }) => state)).toEqual([1]);
    expect((await next.images.listImages({})).images).toHaveLength(1);
    expect(await next.end('SIGTERM')).toBe(0);
  });

  it('removes all by force, images too, and leaves the containers of lading and pinned images', async () => {
    const daemon = await world.serve();
    await startPod(daemon, 'one');
    await startPod(daemon, 'two');
    const { imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } });
    expect(await daemon.end('SIGKILL')).toBe('SIGKILL');
    const roots = { graphRoot: join(world.root, 'graph'), runRoot: join(world.root, 'run') };
    await using engine = await openEngine(roots);
    await engine.containers.create({ image, name: 'other', pull: 'never', network: 'none' });

    const first = await wipe('--force', '--images');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.trim().split('\n').sort()).toEqual([
      'removed sandbox k8s_POD_one_test_one-uid_0',
      'removed sandbox k8s_POD_two_test_two-uid_0',
    ]);
    await engine.containers.remove('other');
    const file = join(world.root, 'ladingd.conf');
    await writeFile(file, '[crio.image]\npinned_images = ["*demo*"]\n');
    expect(await wipe('--images')).toEqual({ code: 0, stdout: '', stderr: '' });
    await writeFile(file, '');
    expect((await wipe('--images')).stdout).toBe(`removed image ${world.image}:latest\n`);
    expect(await engine.images.list()).toEqual([]);
  });

  it('is refused while a daemon runs', async () => {
    const daemon = await world.serve();
    await startPod(daemon, 'kept');
    expect(await wipe('--force')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('ladingd.sock'),
    });
    expect((await daemon.runtime.listPodSandbox({})).items).toHaveLength(1);
    expect(await daemon.end('SIGTERM')).toBe(0);
  });
});
