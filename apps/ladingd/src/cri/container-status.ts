// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Container,
  type ContainerFilter,
  ContainerState,
  type ContainerStatus,
  type ContainerStatusResponse,
  type EncodedMessage,
  encodeMessage,
  type Input,
  type LinuxContainerResources,
} from '@lading/cri-api';
import type { ContainerInfo, ContainerOptions, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { parseSpec, type Spec } from '@lading/oci-spec';
import { encodedItems } from './encoded-items.ts';
import { matchesLabels } from './filter.ts';
import { findContainer, isUnknown } from './find.ts';
import { type ContainerMetadata, containerMetadataOf } from './metadata.ts';
import { signalOf } from './signals.ts';
import { nanosecondsOf } from './time.ts';

const states: Readonly<Record<ContainerInfo['status'], ContainerState>> = {
  created: ContainerState.CONTAINER_CREATED,
  initialized: ContainerState.CONTAINER_CREATED,
  running: ContainerState.CONTAINER_RUNNING,
  paused: ContainerState.CONTAINER_RUNNING,
  stopped: ContainerState.CONTAINER_EXITED,
  exited: ContainerState.CONTAINER_EXITED,
};

/** Why it ended, in the words that kubectl shows. */
function reasonOf(container: ContainerInfo): string {
  if (container.exit === undefined) return '';
  if (container.status === 'created') return 'StartError';
  if (container.exit.oomKilled) return 'OOMKilled';
  return container.exit.exitCode === 0 ? 'Completed' : 'Error';
}

/** The kubelet asks by id, and shows people what it gets back: a name, where there is one. */
function imageName(container: ContainerInfo, kept: ContainerMetadata): string {
  const isId = container.imageId.startsWith(kept.image.replace(/^sha256:/, ''));
  return isId ? container.imageName : kept.image;
}

/**
 * What CRI calls the state of a container. An end whose exit code its monitor has yet to write is not told by any call:
 * it would be one with 0, and whoever heard of it from a list would not ask again when the code is known.
 *
 * One whose start has failed has ended: a kubelet starts what is only created anew, also where the pod wants no restart.
 */
export function stateOf({ status, exit }: Pick<ContainerInfo, 'status' | 'exit'>): ContainerState {
  if (status === 'created' && exit !== undefined) return ContainerState.CONTAINER_EXITED;
  const isUnknown = status === 'stopped' && exit === undefined;
  return isUnknown ? ContainerState.CONTAINER_RUNNING : states[status];
}

/** The answer to ContainerStatus. */
export async function containerStatus(
  engine: Engine,
  container: ContainerInfo,
  kept: ContainerMetadata,
  verbose: boolean,
): Promise<Input<ContainerStatusResponse>> {
  const image = await engine.images.find(container.imageId);
  return {
    status: statusOf(container, kept, image?.repoDigests[0]),
    ...(verbose ? { info: { info: JSON.stringify(await infoOf(container)) } } : {}),
  };
}

/** By the names that templates for crictl are written with. */
async function infoOf({ podId, pid, bundle, process }: ContainerInfo): Promise<object> {
  const runtimeSpec = await runtimeSpecOf(bundle);
  return { sandboxID: podId, pid, bundle, process, ...(runtimeSpec && { runtimeSpec }) };
}

/** Undefined of a container that was not started since it was made, or was removed meanwhile. */
async function runtimeSpecOf(bundle: string): Promise<Spec | undefined> {
  try {
    return parseSpec(await readFile(join(bundle, 'config.json'), 'utf8'));
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

/** Statuses of the containers of a sandbox; those that are removed meanwhile are left out. */
export async function containersStatuses(
  engine: Engine,
  ids: readonly string[],
): Promise<readonly Input<ContainerStatus>[]> {
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        const { container, kept } = await findContainer(engine, id);
        return (await containerStatus(engine, container, kept, false)).status ?? [];
      } catch (error) {
        if (isUnknown(error)) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

/** All that CRI says of a container; `repoDigest` is its image's, where that has one. */
export function statusOf(
  container: ContainerInfo,
  kept: ContainerMetadata,
  repoDigest: string | undefined,
): Input<ContainerStatus> {
  return {
    id: container.id,
    metadata: kept.metadata,
    state: stateOf(container),
    createdAt: nanosecondsOf(container.createdAt),
    startedAt: nanosecondsOf(container.startedAt),
    finishedAt: nanosecondsOf(container.exit?.finishedAt),
    exitCode: container.exit?.exitCode ?? 0,
    image: { image: imageName(container, kept), userSpecifiedImage: kept.userSpecifiedImage },
    imageRef: repoDigest ?? container.imageId,
    imageId: container.imageId,
    reason: reasonOf(container),
    message: container.error ?? '',
    labels: container.options.labels ?? {},
    annotations: container.options.annotations ?? {},
    mounts: kept.mounts.map(({ image, ...mount }) => ({
      ...mount,
      ...(image !== undefined && {
        image: { image, imageRef: mountedImage(container, mount.containerPath) },
      }),
    })),
    ...(container.user && {
      user: {
        linux: {
          uid: BigInt(container.user.uid),
          gid: BigInt(container.user.gid),
          supplementalGroups: container.user.additionalGids.map(BigInt),
        },
      },
    }),
    logPath: kept.logPath,
    resources: { linux: resourcesOf(container.options) },
    stopSignal: signalOf(container.stopSignal),
  };
}

/** The id under which PullImage gave it. */
function mountedImage({ options }: ContainerInfo, path: string): string {
  const mount = options.mounts?.find(({ type, target }) => type === 'image' && target === path);
  return mount?.type === 'image' ? mount.source : '';
}

function resourcesOf({
  resources: limits,
  oomScoreAdj = 0,
}: ContainerOptions): Input<LinuxContainerResources> {
  return {
    oomScoreAdj: BigInt(oomScoreAdj),
    cpuPeriod: BigInt(limits?.cpuPeriodUs ?? 0),
    cpuQuota: BigInt(limits?.cpuQuotaUs ?? 0),
    cpuShares: BigInt(limits?.cpuShares ?? 0),
    memoryLimitInBytes: BigInt(limits?.memoryBytes ?? 0),
    memorySwapLimitInBytes: BigInt(limits?.memorySwapBytes ?? 0),
    cpusetCpus: limits?.cpusetCpus ?? '',
    cpusetMems: limits?.cpusetMems ?? '',
    unified: limits?.unified ?? {},
    hugepageLimits: (limits?.hugepages ?? []).map(({ pageSize, limitBytes }) => ({
      pageSize,
      limit: BigInt(limitBytes),
    })),
  };
}

/** The containers that CRI made and the filter lets through; ids in it may be prefixes. */
export async function listContainers(
  engine: Engine,
  filter: ContainerFilter | undefined,
): Promise<readonly EncodedMessage<Container>[]> {
  const found: EncodedMessage<Container>[] = [];
  for (const container of await engine.containers.list({ all: true, pausedAsRunning: true })) {
    const kept = containerMetadataOf(container);
    if (kept === undefined || container.podId === undefined) continue;
    if (filter?.id && !container.id.startsWith(filter.id)) continue;
    if (filter?.podSandboxId && !container.podId.startsWith(filter.podSandboxId)) continue;
    if (filter?.state !== undefined && filter.state.state !== stateOf(container)) continue;
    if (!matchesLabels(container.options.labels ?? {}, filter?.labelSelector)) continue;
    found.push(listed(container, kept));
  }
  return found;
}

const listed = encodedItems((container: ContainerInfo, kept: ContainerMetadata) =>
  encodeMessage('Container', {
    id: container.id,
    podSandboxId: container.podId,
    metadata: kept.metadata,
    image: { image: imageName(container, kept), userSpecifiedImage: kept.userSpecifiedImage },
    imageRef: container.imageId,
    state: stateOf(container),
    createdAt: nanosecondsOf(container.createdAt),
    labels: container.options.labels ?? {},
    annotations: container.options.annotations ?? {},
    imageId: container.imageId,
  }),
);
