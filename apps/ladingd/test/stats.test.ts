// SPDX-License-Identifier: Apache-2.0
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerConfig, type Input, NamespaceMode } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
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

async function runPod(...pod: Parameters<World['pod']>): Promise<string> {
  return (await daemon.runtime.runPodSandbox({ config: world.pod(...pod) })).podSandboxId;
}

async function start(podSandboxId: string, name: string, more: Input<ContainerConfig> = {}): Promise<string> {
  const config = { metadata: { name }, image: { image: world.image }, logPath: `${name}/0.log`, ...more };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

const shell = (script: string): Input<ContainerConfig> => ({ command: ['sh', '-c', script] });

describe('the statistics of a container', () => {
  it('count its processor, memory and files', async () => {
    const { runtime } = daemon;
    const pod = await runPod('busy');
    const script = 'dd if=/dev/zero of=/big bs=1M count=3 2>/dev/null; while :; do :; done';
    const limits = { resources: { memoryLimitInBytes: 256n << 20n } };
    const containerId = await start(pod, 'main', {
      ...shell(script),
      labels: { tier: 'front' },
      linux: limits,
    });
    const measure = async () => (await runtime.containerStats({ containerId })).stats;
    const first = await measure();
    expect(first?.attributes).toEqual({
      id: containerId,
      metadata: { name: 'main', attempt: 0 },
      labels: { tier: 'front' },
      annotations: {},
    });
    expect(first?.cpu?.usageNanoCores).toBeUndefined();
    expect(first?.cpu?.timestamp).toBeGreaterThan(0n);
    const usage = async (): Promise<bigint> => (await measure())?.cpu?.usageCoreNanoSeconds?.value ?? 0n;
    const before = await usage();
    await until(async () => (await usage()) > before);
    await until(async () => (await measure())?.cpu?.usageNanoCores !== undefined);
    const stats = await measure();
    expect(stats?.cpu?.usageNanoCores?.value).toBeGreaterThan(0n);
    const memory = stats?.memory;
    expect(memory?.usageBytes?.value).toBeGreaterThan(0n);
    expect(memory?.workingSetBytes?.value).toBeLessThanOrEqual(memory?.usageBytes?.value ?? 0n);
    expect((memory?.availableBytes?.value ?? 0n) + (memory?.workingSetBytes?.value ?? 0n)).toBe(256n << 20n);
    expect(memory?.rssBytes?.value).toBeGreaterThan(0n);
    expect(memory?.pageFaults?.value).toBeGreaterThan(0n);
    expect(memory?.majorPageFaults).toBeDefined();
    expect(stats?.swap?.swapUsageBytes).toEqual({ value: 0n });
    expect(stats?.writableLayer?.fsId).toEqual({ mountpoint: realpathSync(join(world.root, 'graph')) });
  });

  it('say what it wrote into its layer, also when it has ended', async () => {
    const { runtime } = daemon;
    const containerId = await start(
      await runPod('writer'),
      'main',
      shell('dd if=/dev/zero of=/big bs=1024 count=5; mkdir /d'),
    );
    await until(async () => (await runtime.containerStatus({ containerId })).status?.finishedAt !== 0n);
    const { stats } = await runtime.containerStats({ containerId });
    expect(stats?.cpu).toBeUndefined();
    expect(stats?.memory).toBeUndefined();
    expect(stats?.writableLayer?.usedBytes?.value).toBe(5120n);
    expect(stats?.writableLayer?.inodesUsed?.value).toBeGreaterThanOrEqual(3n);
    expect((await runtime.listContainerStats({})).stats).toEqual([]);
  });

  it('are listed and streamed by filters', async () => {
    const { runtime } = daemon;
    const [one, two] = [await runPod('one'), await runPod('two')];
    const a = await start(one, 'a', { labels: { app: 'x' } });
    const b = await start(one, 'b', { labels: { app: 'y' } });
    const c = await start(two, 'c', { labels: { app: 'x' } });
    const listed = async (filter: object): Promise<(string | undefined)[]> => {
      const { stats } = await runtime.listContainerStats({ filter });
      const pieces = await Array.fromAsync(runtime.streamContainerStats({ filter }));
      const ids = stats.map(({ attributes }) => attributes?.id);
      expect(pieces.flatMap((piece) => piece.containerStats.map(({ attributes }) => attributes?.id))).toEqual(
        ids,
      );
      return ids.toSorted();
    };
    expect(await listed({})).toEqual([a, b, c].toSorted());
    expect(await listed({ id: a.slice(0, 12) })).toEqual([a]);
    expect(await listed({ podSandboxId: one })).toEqual([a, b].toSorted());
    expect(await listed({ labelSelector: { app: 'x' } })).toEqual([a, c].toSorted());
    expect(await listed({ podSandboxId: two, labelSelector: { app: 'y' } })).toEqual([]);
    await expect(runtime.containerStats({ containerId: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('the statistics of a sandbox', () => {
  it('are those of its control group, its network and its containers', async () => {
    const { runtime } = daemon;
    const podSandboxId = await runPod('net', { labels: { app: 'net' } });
    const a = await start(podSandboxId, 'a', shell('sleep 1000 & exec sleep 1000'));
    const b = await start(podSandboxId, 'b');
    const { stats } = await runtime.podSandboxStats({ podSandboxId });
    expect(stats?.attributes).toMatchObject({
      id: podSandboxId,
      metadata: { name: 'net', namespace: 'test' },
      labels: { app: 'net' },
    });
    const linux = stats?.linux;
    expect(linux?.containers.map(({ attributes }) => attributes?.id).toSorted()).toEqual([a, b].toSorted());
    expect(linux?.network?.defaultInterface?.name).toBe('eth0');
    expect(linux?.network?.interfaces).toEqual([]);
    const of = (stats: { readonly cpu?: { readonly usageCoreNanoSeconds?: { readonly value: bigint } } }) =>
      stats.cpu?.usageCoreNanoSeconds?.value ?? 0n;
    expect(of(linux ?? {})).toBeGreaterThanOrEqual(
      (linux?.containers ?? []).reduce((sum, one) => sum + of(one), 0n),
    );
    await until(async () => {
      const now = await runtime.podSandboxStats({ podSandboxId });
      return now.stats?.linux?.process?.processCount?.value === 3n;
    });
    const received = async (): Promise<bigint> =>
      (await runtime.podSandboxStats({ podSandboxId })).stats?.linux?.network?.defaultInterface?.rxBytes
        ?.value ?? 0n;
    const before = await received();
    const { status } = await runtime.podSandboxStatus({ podSandboxId });
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    try {
      await new Promise((resolve) =>
        socket.send(Buffer.alloc(1000), 9, status?.network?.ip ?? '', () => resolve(true)),
      );
      await until(async () => (await received()) >= before + 1000n);
    } finally {
      socket.close();
    }
  });

  it('without a control group of its own add those of its containers up, and the host has its network', async () => {
    const { runtime } = daemon;
    const config = {
      ...world.pod('bare'),
      linux: {
        securityContext: { namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER } },
      },
    };
    const { podSandboxId } = await runtime.runPodSandbox({ config });
    const empty = await runtime.podSandboxStats({ podSandboxId });
    expect(empty.stats?.linux?.cpu).toBeUndefined();
    expect(empty.stats?.linux?.process?.processCount).toEqual({ value: 0n });
    await start(podSandboxId, 'a');
    const { stats } = await runtime.podSandboxStats({ podSandboxId });
    const [container] = stats?.linux?.containers ?? [];
    expect(stats?.linux?.cpu?.usageCoreNanoSeconds).toEqual(container?.cpu?.usageCoreNanoSeconds);
    expect(stats?.linux?.network).toBeUndefined();
  });

  it('are listed and streamed by filters, of those that are ready', async () => {
    const { runtime } = daemon;
    const one = await runPod('one', { labels: { app: 'x' } });
    const two = await runPod('two', { labels: { app: 'y' } });
    await runtime.stopPodSandbox({ podSandboxId: await runPod('gone') });
    const listed = async (filter: object): Promise<(string | undefined)[]> => {
      const { stats } = await runtime.listPodSandboxStats({ filter });
      const ids = stats.map(({ attributes }) => attributes?.id);
      const pieces = await Array.fromAsync(runtime.streamPodSandboxStats({ filter }));
      expect(
        pieces.flatMap((piece) => piece.podSandboxStats.map(({ attributes }) => attributes?.id)),
      ).toEqual(ids);
      return ids.toSorted();
    };
    expect(await listed({})).toEqual([one, two].toSorted());
    expect(await listed({ id: two.slice(0, 13) })).toEqual([two]);
    expect(await listed({ labelSelector: { app: 'x' } })).toEqual([one]);
    expect(await listed({ labelSelector: { app: 'z' } })).toEqual([]);
  });
});

describe('the metrics of sandboxes', () => {
  it('are 56, and each value fits its description', async () => {
    const { runtime } = daemon;
    const { descriptors } = await runtime.listMetricDescriptors({});
    expect(new Set(descriptors.map(({ name }) => name)).size).toBe(56);
    expect(descriptors.every(({ name, help }) => name.startsWith('container_') && help !== '')).toBe(true);
    const podSandboxId = await runPod('net');
    const containerId = await start(podSandboxId, 'main', {
      ...shell('exec 3</dev/null; sleep 1000 & wait'),
      linux: { resources: { memoryLimitInBytes: 64n << 20n, cpuPeriod: 100_000n, cpuQuota: 50_000n } },
    });
    await until(async () => {
      const { stats } = await runtime.podSandboxStats({ podSandboxId });
      return stats?.linux?.process?.processCount?.value === 2n;
    });
    const { podMetrics } = await runtime.listPodSandboxMetrics({});
    expect(podMetrics).toMatchObject([{ podSandboxId, containerMetrics: [{ containerId }] }]);
    const [pod] = podMetrics;
    const metrics = [...(pod?.metrics ?? []), ...(pod?.containerMetrics[0]?.metrics ?? [])];
    for (const { name, labelValues, timestamp } of metrics) {
      const descriptor = descriptors.find((one) => one.name === name);
      expect(descriptor?.labelKeys, name).toHaveLength(labelValues.length);
      expect(timestamp).toBeGreaterThan(0n);
    }
    const value = (name: string, ...labels: readonly string[]): bigint | undefined =>
      metrics.find((one) => one.name === name && labels.every((label) => one.labelValues.includes(label)))
        ?.value?.value;
    expect(value('container_processes')).toBe(2n);
    expect(value('container_threads')).toBe(2n);
    expect(value('container_file_descriptors')).toBeGreaterThanOrEqual(7n);
    expect(value('container_ulimits_soft', 'max_open_files')).toBeGreaterThan(0n);
    expect(value('container_spec_memory_limit_bytes')).toBe(64n << 20n);
    expect(value('container_spec_cpu_quota')).toBe(50_000n);
    expect(value('container_memory_failures_total', 'pgfault', 'hierarchy')).toBeGreaterThan(0n);
    expect(value('container_network_receive_bytes_total', 'eth0', 'POD')).toBeGreaterThanOrEqual(0n);
    expect(value('container_fs_inodes_total')).toBeDefined();
    const nowSeconds = BigInt(Math.floor(Date.now() / 1000));
    for (const name of ['container_last_seen', 'container_start_time_seconds']) {
      expect(value(name)).toBeGreaterThan(nowSeconds - 60n);
      expect(value(name)).toBeLessThanOrEqual(nowSeconds + 1n);
    }
    expect(metrics.find(({ name }) => name === 'container_last_seen')?.labelValues).toEqual([
      containerId,
      'k8s_main_net_test_net-uid_0',
      `${world.image}:latest`,
      'main',
      'net',
      'test',
    ]);
    const pieces = await Array.fromAsync(runtime.streamPodSandboxMetrics({}));
    expect(pieces.flatMap((piece) => piece.podSandboxMetrics.map((one) => one.podSandboxId))).toEqual([
      podSandboxId,
    ]);
  });
});

describe('ImageFsInfo', () => {
  it('says what images and containers take, and on which file system', async () => {
    const root = realpathSync(join(world.root, 'graph'));
    const { imageFilesystems, containerFilesystems } = await daemon.images.imageFsInfo({});
    const busybox = BigInt(statSync('/bin/busybox').size);
    expect(imageFilesystems).toMatchObject([{ fsId: { mountpoint: root } }]);
    expect(imageFilesystems[0]?.usedBytes?.value).toBeGreaterThanOrEqual(busybox);
    expect(imageFilesystems[0]?.inodesUsed?.value).toBeGreaterThan(1n);
    expect(containerFilesystems).toMatchObject([
      { fsId: { mountpoint: root }, usedBytes: { value: 0n }, inodesUsed: { value: 0n } },
    ]);
    const containerId = await start(await runPod('writer'), 'main', shell('echo 12345 >/f; sleep 1000'));
    await until(async () => {
      const { stats } = await daemon.runtime.containerStats({ containerId });
      return stats?.memory !== undefined;
    });
    const after = await daemon.images.imageFsInfo({});
    expect(after.imageFilesystems[0]?.usedBytes).toEqual(imageFilesystems[0]?.usedBytes);
    expect(after.containerFilesystems[0]?.inodesUsed?.value).toBeGreaterThan(0n);
  });
});
