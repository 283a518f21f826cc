// SPDX-License-Identifier: Apache-2.0
import { stat, statfs } from 'node:fs/promises';
import {
  type ContainerMetrics,
  type Metric,
  type MetricDescriptor,
  MetricType,
  type PodSandboxMetrics,
  type RuntimeServiceHandlers,
} from '@lading/cri-api';
import type { ContainerInfo, ContainerUsage, Engine, PodInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { containerMetadataOf, type PodMetadata, podMetadataOf } from '../metadata.ts';
import { inPieces } from '../pieces.ts';
import { nanosecondsOf } from '../time.ts';
import { containerMetrics, lastSeen } from './container-metrics.ts';
import { deviceName } from './io-metrics.ts';
import type { ContainerSource, FilesystemFigures, MetricOf } from './metric.ts';
import { networkMetrics } from './network-metrics.ts';

type Handlers = Pick<
  RuntimeServiceHandlers,
  'listMetricDescriptors' | 'listPodSandboxMetrics' | 'streamPodSandboxMetrics'
>;

/** Labels that every metric has, before its own. */
const commonLabels = ['id', 'name', 'image', 'container', 'pod', 'namespace'] as const;
const podsPerMessage = 20;

export interface PodMetricsOptions {
  /** Names of groups, or `all`. Default: all. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * The RPCs of the metrics of pods.
 *
 * @throws LadingError `invalid_argument` for a group that there is not
 */
export function metricsHandlers(engine: Engine, { groups = ['all'] }: PodMetricsOptions = {}): Handlers {
  const known = [...Object.keys(containerMetrics), 'network'];
  const unknown = groups.find((group) => group !== 'all' && !known.includes(group));
  if (unknown !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(unknown)} is no group of pod metrics; there is all, ${known.join(', ')}`,
    );
  }
  const isWanted = (group: string): boolean => groups.includes('all') || groups.includes(group);
  const ofContainers: readonly MetricOf<ContainerSource>[] = [
    lastSeen,
    ...Object.entries(containerMetrics).flatMap(([group, metrics]) => (isWanted(group) ? metrics : [])),
  ];
  const ofPods = isWanted('network') ? networkMetrics : [];

  async function* podMetrics(): AsyncGenerator<PodSandboxMetrics, void, void> {
    const running = await engine.containers.list({ pausedAsRunning: true });
    const filesystem = await filesystemFigures(engine.store.graphRoot);
    for (const pod of await engine.pods.list()) {
      const kept = podMetadataOf(pod);
      if (kept === undefined || pod.status !== 'ready') continue;
      const usages: ContainerUsage[] = [];
      const containers: ContainerMetrics[] = [];
      for (const container of running.filter(({ podId }) => podId === pod.id)) {
        const usage = await engine.usage.container(container);
        usages.push(usage);
        const { cgroup } = usage;
        // It has ended since it was listed.
        if (cgroup === undefined) continue;
        const processes = await engine.usage.processes(container);
        const source = { container, usage, cgroup, processes, filesystem };
        const metrics = measured(ofContainers, source, labelsOf(container, kept), usage.time);
        containers.push({ containerId: container.id, metrics });
      }
      const { network, time } = await engine.usage.pod(pod, usages);
      const metrics = measured(ofPods, network, podLabels(pod, kept), time);
      yield { podSandboxId: pod.id, metrics, containerMetrics: containers };
    }
  }

  return {
    async listMetricDescriptors() {
      return { descriptors: [...ofContainers, ...ofPods].map(descriptorOf) };
    },
    async listPodSandboxMetrics() {
      return { podMetrics: await Array.fromAsync(podMetrics()) };
    },
    async *streamPodSandboxMetrics() {
      for await (const piece of inPieces(podMetrics(), podsPerMessage)) yield { podSandboxMetrics: piece };
    },
  };
}

function descriptorOf({
  name,
  help,
  labels = [],
}: Pick<MetricOf<never>, 'name' | 'help' | 'labels'>): MetricDescriptor {
  return { name, help, labelKeys: [...commonLabels, ...labels] };
}

function measured<Source>(
  metrics: readonly MetricOf<Source>[],
  source: Source,
  common: readonly string[],
  time: string,
): Metric[] {
  const timestamp = nanosecondsOf(time);
  return metrics.flatMap(({ name, kind, values }) =>
    values(source).map(({ value, labels = [] }) => ({
      name,
      timestamp,
      metricType: kind === 'counter' ? MetricType.COUNTER : MetricType.GAUGE,
      labelValues: [...common, ...labels],
      value: { value: BigInt(value) },
    })),
  );
}

function labelsOf(container: ContainerInfo, { metadata }: PodMetadata): readonly string[] {
  const name = containerMetadataOf(container)?.metadata.name ?? '';
  return [container.id, container.name, container.imageName, name, metadata.name, metadata.namespace];
}

/** As cAdvisor has it for a sandbox. */
function podLabels(pod: PodInfo, { metadata }: PodMetadata): readonly string[] {
  return [pod.id, pod.name, '', 'POD', metadata.name, metadata.namespace];
}

async function filesystemFigures(folder: string): Promise<FilesystemFigures> {
  const [{ dev }, { bsize, blocks, files, ffree }] = await Promise.all([stat(folder), statfs(folder)]);
  // How Linux packs the two numbers of a device.
  const major = Math.floor(dev / 256) % 4096;
  const minor = (dev % 256) + Math.floor(dev / 2 ** 20) * 256;
  return {
    device: deviceName(major, minor),
    sizeBytes: bsize * blocks,
    inodes: files,
    freeInodes: ffree,
  };
}
