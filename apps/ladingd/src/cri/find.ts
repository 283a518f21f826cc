// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, Engine, PodInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { type ContainerMetadata, containerMetadataOf, type PodMetadata, podMetadataOf } from './metadata.ts';

/** The reasons by which the engine says that what was asked for is not there, and not something on the way to it. */
const unknown: ReadonlySet<string | undefined> = new Set([
  'POD_UNKNOWN',
  'CONTAINER_UNKNOWN',
  'IMAGE_UNKNOWN',
]);

/** A sandbox and what CRI keeps of it. @throws LadingError `not_found` also for pods that are not CRI's */
export async function findPod(engine: Engine, id: string): Promise<{ pod: PodInfo; kept: PodMetadata }> {
  if (id === '') throw new LadingError(Code.InvalidArgument, 'pod_sandbox_id is empty');
  const pod = await engine.pods.inspect(id);
  const kept = podMetadataOf(pod);
  if (kept === undefined) throw notFound('pod', id);
  return { pod, kept };
}

/** A container and what CRI keeps of it. @throws LadingError `not_found` also for containers that are not CRI's */
export async function findContainer(
  engine: Engine,
  id: string,
): Promise<{ container: ContainerInfo; kept: ContainerMetadata }> {
  if (id === '') throw new LadingError(Code.InvalidArgument, 'container_id is empty');
  const container = await engine.containers.inspect(id);
  const kept = containerMetadataOf(container);
  if (kept === undefined) throw notFound('container', id);
  return { container, kept };
}

/**
 * For calls that must succeed when what they remove is gone already. A network or a program that is missing
 * is not that: the kubelet would take the pod for gone while it still runs.
 */
export async function ignoringUnknown(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
}

export function isUnknown(error: unknown): boolean {
  return error instanceof LadingError && error.code === Code.NotFound && unknown.has(error.reason);
}

/** In the engine's words: what `lading` made is not there for CRI. */
function notFound(noun: 'pod' | 'container', id: string): LadingError {
  return new LadingError(Code.NotFound, `no ${noun} with name or id "${id}" found`, {
    reason: `${noun.toUpperCase()}_UNKNOWN`,
  });
}

/** The runtime that a pod names, else the default one, which stands first. */
export function runtimeName({ runtimes }: Engine, named: string | undefined): string {
  return named || (Object.keys(runtimes)[0] ?? '');
}
