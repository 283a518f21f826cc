// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CgroupDriver,
  ContainerState,
  createImageClient,
  createRuntimeClient,
  PodSandboxState,
} from '@lading/cri-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon } from '../src/index.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await using ended = world;
  await ended.leaveNothing();
});

async function runContainer({ runtime, images }: Served): Promise<{ pod: string; container: string }> {
  await images.pullImage({ image: { image: world.image } });
  const { podSandboxId: pod } = await runtime.runPodSandbox({ config: world.pod('kept') });
  const { containerId: container } = await runtime.createContainer({
    podSandboxId: pod,
    config: { metadata: { name: 'main' }, image: { image: world.image }, logPath: 'main.log' },
  });
  await runtime.startContainer({ containerId: container });
  return { pod, container };
}

describe('a daemon', () => {
  it('says where it listens, what it is, and whether pods can have a network', async () => {
    const daemon = await world.serve();
    const socket = join(world.root, 'sockets/ladingd.sock');
    expect(daemon.line).toBe(`listening on unix://${socket}`);
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    expect(readdirSync(join(world.root, 'sockets'))).toEqual(['ladingd.sock']);
    expect(await daemon.runtime.version({})).toMatchObject({
      version: '0.1.0',
      runtimeName: 'lading',
      runtimeApiVersion: 'v1',
    });
    const { status, runtimeHandlers } = await daemon.runtime.status({});
    expect(status?.conditions).toMatchObject([
      { type: 'RuntimeReady', status: true },
      { type: 'NetworkReady', status: true },
    ]);
    expect(runtimeHandlers.map(({ name }) => name)).toEqual(['', 'runc']);
    const { linux } = await daemon.runtime.runtimeConfig({});
    expect(linux?.cgroupDriver).toBe(CgroupDriver.CGROUPFS);
    await daemon.runtime.updateRuntimeConfig({
      runtimeConfig: { networkConfig: { podCidr: '10.0.0.0/8' } },
    });

    // Another one on the same store, without a network.
    await mkdir(join(world.root, 'empty'));
    const bare = await world.serve(
      ...['--listen', join(world.root, 'bare.sock'), '--cni-config-dir', join(world.root, 'empty')],
    );
    const { status: without } = await bare.runtime.status({});
    expect(without?.conditions[1]).toMatchObject({
      type: 'NetworkReady',
      status: false,
      reason: 'NetworkPluginNotReady',
    });
    expect(without?.conditions[1]?.message).not.toBe('');
    await expect(bare.runtime.runPodSandbox({ config: world.pod('none') })).rejects.toMatchObject({
      reason: 'NETWORK_UNKNOWN',
    });
    expect((await bare.runtime.listPodSandbox({})).items).toEqual([]);
  });

  it('speaks v1alpha2 on the same socket', async () => {
    const daemon = await world.serve();
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('old') });
    const options = { apiVersion: 'v1alpha2', timeoutMs: 20_000 } as const;
    using runtime = createRuntimeClient(daemon.socket, options);
    using images = createImageClient(daemon.socket, options);
    expect((await runtime.version({})).runtimeApiVersion).toBe('v1alpha2');
    expect((await runtime.listPodSandbox({})).items).toMatchObject([{ id: podSandboxId }]);
    expect((await images.listImages({})).images).toEqual([]);
    await runtime.removePodSandbox({ podSandboxId });
    expect((await daemon.runtime.listPodSandbox({})).items).toEqual([]);
  });

  it('that is killed finds its pods and containers again', async () => {
    const first = await world.serve();
    const { pod, container } = await runContainer(first);
    expect(await first.end('SIGKILL')).toBe('SIGKILL');
    expect(existsSync(first.socket)).toBe(true);

    const second = await world.serve();
    const { runtime } = second;
    expect((await runtime.listPodSandbox({})).items).toMatchObject([
      { id: pod, state: PodSandboxState.SANDBOX_READY },
    ]);
    expect((await runtime.containerStatus({ containerId: container })).status).toMatchObject({
      state: ContainerState.CONTAINER_RUNNING,
    });
    const { exitCode } = await runtime.execSync({ containerId: container, cmd: ['true'] });
    expect(exitCode).toBe(0);
    await runtime.stopContainer({ containerId: container });
    expect((await runtime.containerStatus({ containerId: container })).status).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 137,
    });
    await runtime.removePodSandbox({ podSandboxId: pod });
    expect(world.leftovers()).toEqual([]);
  });

  it('ends on SIGTERM with 0 and takes its socket away; containers go on', async () => {
    const first = await world.serve();
    const { pod, container } = await runContainer(first);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.stderr()).toBe('');
    expect(existsSync(first.socket)).toBe(false);
    expect(readdirSync(join(world.root, 'sockets'))).toEqual([]);
    expect(world.leftovers().some((line) => line.startsWith('process'))).toBe(true);

    const { runtime } = await world.serve();
    expect((await runtime.containerStatus({ containerId: container })).status).toMatchObject({
      state: ContainerState.CONTAINER_RUNNING,
    });
    await runtime.removePodSandbox({ podSandboxId: pod });
    expect(world.leftovers()).toEqual([]);
  });

  it('ends on SIGTERM although a call is under way', async () => {
    const daemon = await world.serve();
    const { container } = await runContainer(daemon);
    const call = daemon.runtime.execSync({ containerId: container, cmd: ['sleep', '1000'] });
    const failed = expect(call).rejects.toMatchObject({ code: expect.any(String) });
    await expect(daemon.runtime.version({})).resolves.toBeDefined();
    expect(await daemon.end('SIGTERM')).toBe(0);
    await failed;
  });
});

describe('the socket', () => {
  it('of a live daemon is left to it', async () => {
    const daemon = await world.serve();
    expect(await world.start()).toEqual({
      code: 1,
      stderr: `Error: cannot listen on ${daemon.socket}: another process listens there; end it, or name another socket\n`,
    });
    // It has not even looked at what the first one may be making.
    const graphRoot = join(world.root, 'not-made');
    await expect(startDaemon({ listen: daemon.socket, graphRoot }, '1')).rejects.toMatchObject({
      code: 'already_exists',
    });
    expect(existsSync(graphRoot)).toBe(false);
    await expect(daemon.runtime.version({})).resolves.toBeDefined();
    using other = createRuntimeClient(daemon.socket, { timeoutMs: 10_000 });
    await expect(other.version({})).resolves.toBeDefined();
  });

  it('is not put over a file', async () => {
    const path = join(world.root, 'sockets/ladingd.sock');
    await mkdir(join(world.root, 'sockets'));
    await writeFile(path, 'precious');
    expect(await world.start()).toEqual({
      code: 1,
      stderr: `Error: cannot listen on ${path}: a file that is not a socket is there\n`,
    });
    expect(statSync(path).size).toBe(8);
  });

  it('cannot be one of TCP', async () => {
    expect(await world.start('--listen', 'tcp://127.0.0.1:1')).toEqual({
      code: 1,
      stderr: 'Error: listen must be the absolute path of a unix socket, not "tcp://127.0.0.1:1"\n',
    });
  });
});

describe('the configuration', () => {
  it('is one line of error when it is wrong', async () => {
    const file = join(world.root, 'bad.conf');
    const attempt = (...more: string[]) => world.start('--config', file, ...more);
    expect(await attempt()).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot read the configuration .*bad\.conf: .*\n$/),
    });
    await writeFile(file, '[crio.api]\nlisten = 5\n');
    expect(await attempt()).toEqual({
      code: 1,
      stderr: `Error: ${file}: crio.api.listen must be a string\n`,
    });
    await writeFile(file, '[crio]\nroot = \n');
    expect(await attempt()).toEqual({ code: 1, stderr: expect.stringContaining(`Error: ${file}:2:`) });
    await writeFile(file, '[crio.runtime]\ndefault_runtime = "crun"\n');
    expect(await attempt()).toEqual({ code: 1, stderr: expect.stringContaining('"crun"') });
    expect(await attempt('--nope')).toEqual({ code: 1, stderr: expect.stringContaining('--nope') });
  });

  it('may have keys that have no effect, and says so', async () => {
    const folder = join(world.root, 'ladingd.conf.d');
    await mkdir(folder);
    const socket = join(world.root, 'second.sock');
    await writeFile(
      join(folder, '10-a.conf'),
      '[crio.api]\nlisten = "/nowhere/x.sock"\ngrpc_max = 1\n[crio.network]\ncni_default_network = ""\n',
    );
    const daemon = await world.serve('--listen', socket);
    expect(daemon.socket).toBe(socket);
    expect(daemon.stderr()).toBe(
      `Warning: ${join(folder, '10-a.conf')}:3: crio.api.grpc_max is not known and has no effect\n`,
    );
    const { status } = await daemon.runtime.status({});
    expect(status?.conditions[1]?.status).toBe(true);
  });
});
