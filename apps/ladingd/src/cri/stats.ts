// SPDX-License-Identifier: Apache-2.0
import { realpath } from 'node:fs/promises';
import type {
  ContainerStats,
  ContainerStatsFilter,
  Input,
  PodSandboxStats,
  PodSandboxStatsFilter,
  RuntimeServiceHandlers,
} from '@lading/cri-api';
import type { ContainerInfo, Engine, PodInfo } from '@lading/engine';
import { matchesLabels } from './filter.ts';
import { findContainer, findPod } from './find.ts';
import { type ContainerMetadata, containerMetadataOf, type PodMetadata, podMetadataOf } from './metadata.ts';
import { inPieces } from './pieces.ts';
import { containerFigures, podFigures } from './stats-messages.ts';

type Handlers = Pick<
  RuntimeServiceHandlers,
  | 'containerStats'
  | 'listContainerStats'
  | 'streamContainerStats'
  | 'podSandboxStats'
  | 'listPodSandboxStats'
  | 'streamPodSandboxStats'
>;

const perMessage = 100;

/** The RPCs that measure containers and sandboxes. */
export function statsHandlers(engine: Engine): Handlers {
  async function* containers(
    filter: ContainerStatsFilter | undefined,
  ): AsyncGenerator<Input<ContainerStats>, void, void> {
    for (const container of await engine.containers.list({ pausedAsRunning: true })) {
      const kept = containerMetadataOf(container);
      if (kept === undefined || container.podId === undefined) continue;
      if (filter?.id && !container.id.startsWith(filter.id)) continue;
      if (filter?.podSandboxId && !container.podId.startsWith(filter.podSandboxId)) continue;
      if (matchesLabels(container.options.labels ?? {}, filter?.labelSelector))
        yield await containerStats(engine, container, kept);
    }
  }

  async function* pods(
    filter: PodSandboxStatsFilter | undefined,
  ): AsyncGenerator<Input<PodSandboxStats>, void, void> {
    const running = await engine.containers.list({ pausedAsRunning: true });
    for (const pod of await engine.pods.list()) {
      const kept = podMetadataOf(pod);
      if (kept === undefined || pod.status !== 'ready') continue;
      if (filter?.id && !pod.id.startsWith(filter.id)) continue;
      if (matchesLabels(pod.options.labels ?? {}, filter?.labelSelector))
        yield await podStats(engine, pod, kept, running);
    }
  }

  return {
    async containerStats({ containerId }) {
      const { container, kept } = await findContainer(engine, containerId);
      return { stats: await containerStats(engine, container, kept) };
    },
    async listContainerStats({ filter }) {
      return { stats: await Array.fromAsync(containers(filter)) };
    },
    async *streamContainerStats({ filter }) {
      for await (const stats of inPieces(containers(filter), perMessage)) yield { containerStats: stats };
    },
    async podSandboxStats({ podSandboxId }) {
      const { pod, kept } = await findPod(engine, podSandboxId);
      return {
        stats: await podStats(
          engine,
          pod,
          kept,
          await engine.containers.list({ pod: pod.id, pausedAsRunning: true }),
        ),
      };
    },
    async listPodSandboxStats({ filter }) {
      return { stats: await Array.fromAsync(pods(filter)) };
    },
    async *streamPodSandboxStats({ filter }) {
      for await (const stats of inPieces(pods(filter), perMessage)) yield { podSandboxStats: stats };
    },
  };
}

async function containerStats(
  engine: Engine,
  container: ContainerInfo,
  kept: ContainerMetadata,
): Promise<Input<ContainerStats>> {
  const usage = await engine.usage.container(container);
  return {
    attributes: attributesOf(container, kept),
    ...containerFigures(usage, await realpath(engine.store.graphRoot)),
  };
}

async function podStats(
  engine: Engine,
  pod: PodInfo,
  kept: PodMetadata,
  running: readonly ContainerInfo[],
): Promise<Input<PodSandboxStats>> {
  const members = running.filter(({ podId }) => podId === pod.id);
  const folder = await realpath(engine.store.graphRoot);
  const usages = [];
  const stats = [];
  for (const container of members) {
    const usage = await engine.usage.container(container);
    usages.push(usage);
    const metadata = containerMetadataOf(container);
    if (metadata !== undefined)
      stats.push({ attributes: attributesOf(container, metadata), ...containerFigures(usage, folder) });
  }
  const { id, options } = pod;
  const { labels = {}, annotations = {} } = options;
  return {
    attributes: { id, metadata: kept.metadata, labels, annotations },
    linux: podFigures(await engine.usage.pod(pod, usages), stats),
  };
}

function attributesOf(
  { id, options }: ContainerInfo,
  { metadata }: ContainerMetadata,
): Input<ContainerStats['attributes']> {
  return { id, metadata, labels: options.labels ?? {}, annotations: options.annotations ?? {} };
}
