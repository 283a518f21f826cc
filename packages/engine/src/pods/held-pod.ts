// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isMountPoint } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';
import { isReady } from './status.ts';

/**
 * The pod of a container that is to start.
 *
 * @throws LadingError `failed_precondition` with reason POD_STOPPED when it does not hold its namespaces any more
 */
export async function heldPodOf(context: Context, record: ContainerRecord): Promise<PodRecord | undefined> {
  if (record.podId === undefined) return undefined;
  const pod = await context.pods.get(record.podId);
  if (pod === undefined || !isReady(context, pod)) throw podStopped(record);
  return pod;
}

/** What a start failed with; that its pod was stopped under it is no fault of the runtime, which cannot know it. */
export async function inViewOfPod(
  context: Context,
  record: ContainerRecord,
  error: unknown,
): Promise<LadingError> {
  const failure = LadingError.from(error);
  if (record.podId === undefined || failure.reason === podStopped(record).reason) return failure;
  const pod = await context.pods.get(record.podId);
  const isHeld =
    pod !== undefined && isReady(context, pod) && Object.values(pod.namespaces).every(isMountPoint);
  return isHeld ? failure : podStopped(record, failure);
}

function podStopped({ name, podId = '' }: ContainerRecord, cause?: LadingError): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `container ${name} cannot start: its pod ${podId.slice(0, 12)} is stopping, or has been stopped`,
    { reason: 'POD_STOPPED', ...(cause && { cause }) },
  );
}
