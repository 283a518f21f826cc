// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ContainerRecord } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';

type Pod = Pick<PodRecord, 'id' | 'options'>;

/** Control group of a container: the same at each start, so that it can be found without a process. */
export function cgroupPathOf(
  record: Pick<ContainerRecord, 'id' | 'options'>,
  pod: Pod | undefined,
  fallbackParent: string,
): string {
  const ofPod = pod && (ownCgroupOf(pod, fallbackParent) ?? pod.options.cgroupParent);
  return join(record.options.cgroupParent ?? ofPod ?? fallbackParent, `lading-${record.id}`);
}

/** Control group that a pod has for itself, when it has limits. */
export function ownCgroupOf({ id, options }: Pod, fallbackParent: string): string | undefined {
  if (options.resources === undefined) return undefined;
  return join(options.cgroupParent ?? fallbackParent, `lading-pod-${id}`);
}
