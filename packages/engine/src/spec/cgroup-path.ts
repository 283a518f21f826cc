// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ContainerRecord } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';

/** Control group of a container: the same at each start, so that it can be found without a process. */
export function cgroupPathOf(
  record: Pick<ContainerRecord, 'id' | 'options'>,
  pod: Pick<PodRecord, 'options'> | undefined,
  fallbackParent: string,
): string {
  const parent = record.options.cgroupParent ?? pod?.options.cgroupParent ?? fallbackParent;
  return join(parent, `lading-${record.id}`);
}
