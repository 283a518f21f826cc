// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerState, Signal } from '@lading/cri-api';
import { processCapabilities } from '@lading/linux';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { podCalls } from './pod-calls.ts';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const { runPod, create, start } = podCalls(() => ({ world, daemon, image }));

describe('a container', () => {
  it('is stopped by the signal of its request, which its status tells', async () => {
    const pod = await runPod('signal');
    const id = await start(pod, 'a', {
      command: [
        'sh',
        '-c',
        'trap "exit 42" USR1; trap "exit 1" TERM INT; echo up; while :; do sleep 0.05; done',
      ],
      logPath: 'a.log',
      stopSignal: Signal.SIGNAL_SIGUSR1,
    });
    await until(() => existsSync(join(world.root, 'logs/signal/a.log')));
    await until(async () => (await readFile(join(world.root, 'logs/signal/a.log'), 'utf8')).includes('up'));
    await daemon.runtime.stopContainer({ containerId: id, timeout: 30n });
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status).toMatchObject({ exitCode: 42, stopSignal: Signal.SIGNAL_SIGUSR1 });
  });

  it.each([
    ['nope', 127],
    ['/etc/passwd', 126],
  ])(
    'that cannot be started has ended, so that no kubelet starts it anew against its policy: %s',
    async (command, exitCode) => {
      const pod = await runPod('unstartable');
      const containerId = await create(pod, 'a', { command: [command] });
      await expect(daemon.runtime.startContainer({ containerId })).rejects.toThrow(command);
      const { status } = await daemon.runtime.containerStatus({ containerId });
      expect(status).toMatchObject({
        state: ContainerState.CONTAINER_EXITED,
        reason: 'StartError',
        message: expect.stringContaining(command),
        exitCode,
      });
      expect(status?.finishedAt).toBeGreaterThanOrEqual(status?.createdAt ?? 0n);
      const { containers } = await daemon.runtime.listContainers({ filter: { id: containerId } });
      expect(containers[0]?.state).toBe(ContainerState.CONTAINER_EXITED);
    },
  );

  it('is told with its process and its spec to who asks for all, also before it is started', async () => {
    const pod = await runPod('verbose');
    const infoOf = async (containerId: string) => {
      const { info } = await daemon.runtime.containerStatus({ containerId, verbose: true });
      return JSON.parse(info.info ?? '');
    };
    const made = await create(pod, 'made', {});
    expect(await infoOf(made)).toMatchObject({ sandboxID: pod, pid: 0 });
    const id = await start(pod, 'a', {});
    const { pid, runtimeSpec } = await infoOf(id);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)).toEqual(
      runtimeSpec.process.args,
    );
    expect(runtimeSpec.linux.cgroupsPath).toBe(`${world.cgroupParent}/lading-${id}`);
  });
});

describe('resources', () => {
  const memory = (id: string, file: string): string =>
    readFileSync(`/sys/fs/cgroup/memory${world.cgroupParent}/lading-${id}/memory.${file}`, 'utf8').trim();

  it('of memory and swap are those of the control group, and can be changed', async () => {
    const pod = await runPod('swap');
    const resources = { memoryLimitInBytes: 32n << 20n, memorySwapLimitInBytes: 48n << 20n };
    const id = await start(pod, 'a', { linux: { resources } });
    expect([memory(id, 'limit_in_bytes'), memory(id, 'memsw.limit_in_bytes')]).toEqual([
      String(32 << 20),
      String(48 << 20),
    ]);
    await daemon.runtime.updateContainerResources({
      containerId: id,
      linux: { memoryLimitInBytes: 40n << 20n, memorySwapLimitInBytes: 64n << 20n },
    });
    expect(memory(id, 'memsw.limit_in_bytes')).toBe(String(64 << 20));
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.resources?.linux).toMatchObject({
      memoryLimitInBytes: 40n << 20n,
      memorySwapLimitInBytes: 64n << 20n,
    });
  });

  it('of huge pages are without effect where the kernel does not count them', async () => {
    const pod = await runPod('huge');
    const hugepageLimits = [{ pageSize: '2MB', limit: 4n << 20n }];
    const id = await start(pod, 'a', { linux: { resources: { hugepageLimits } } });
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.resources?.linux?.hugepageLimits).toEqual([{ pageSize: '2MB', limit: 4n << 20n }]);
    const file = `/sys/fs/cgroup/hugetlb${world.cgroupParent}/lading-${id}/hugetlb.2MB.limit_in_bytes`;
    if (existsSync('/sys/fs/cgroup/hugetlb')) expect(readFileSync(file, 'utf8').trim()).toBe(String(4 << 20));
  });
});

describe('Status', () => {
  it('says what each handler can do, and what the daemon runs with', async () => {
    const { runtimeHandlers, info } = await daemon.runtime.status({ verbose: true });
    expect(runtimeHandlers.map(({ name }) => name)).toEqual(['', 'runc']);
    for (const { features } of runtimeHandlers) expect(features?.recursiveReadOnlyMounts).toBe(true);
    expect(JSON.parse(info.runtimes ?? '').runc).toMatch(/^\d+\.\d+/);
    const { missingCapabilities } = JSON.parse(info.limits ?? '');
    const { bounding } = processCapabilities();
    expect(missingCapabilities.includes('CAP_SYS_RESOURCE')).toBe(!bounding.includes('CAP_SYS_RESOURCE'));
    expect(JSON.parse(info.config ?? '').listen).toBe(daemon.socket);
  });
});

describe('UpdateRuntimeConfig', () => {
  it('writes the configuration of the network from a template', async () => {
    const template = join(world.root, 'template');
    await writeFile(
      template,
      '{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"bridge","ipam":{"type":"host-local","subnet":"{{.PodCIDR}}"}}]}',
    );
    const folder = join(world.root, 'templated.d');
    await writeFile(join(world.root, 'ladingd.conf'), `[crio.network]\nconf_template = "${template}"\n`);
    await daemon.end('SIGTERM');
    daemon = await world.serve('--cni-config-dir', folder);
    const condition = async () => (await daemon.runtime.status({})).status?.conditions[1];
    expect(await condition()).toMatchObject({ type: 'NetworkReady', status: false });
    const networkConfig = { podCidr: '10.86.99.0/24' };
    await daemon.runtime.updateRuntimeConfig({ runtimeConfig: { networkConfig } });
    expect(await condition()).toMatchObject({ type: 'NetworkReady', status: true });
    expect(readFileSync(join(folder, '10-lading-net.conflist'), 'utf8')).toContain('"10.86.99.0/24"');
    await writeFile(join(world.root, 'ladingd.conf'), '');
    await daemon.end('SIGTERM');
    daemon = await world.serve();
  });
});
