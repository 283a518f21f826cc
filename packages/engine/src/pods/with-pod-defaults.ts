// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { ContainerOptions } from '../types/container-options.ts';
import type { PodRecord } from '../types/pods.ts';

/** What a pod has for all of its containers, under what one of them says itself. */
export function withPodDefaults(
  options: ContainerOptions,
  { options: { containerDefaults } }: Pick<PodRecord, 'options'>,
): ContainerOptions {
  if (containerDefaults === undefined) return options;
  const { mounts = [], devices = [], ...others } = containerDefaults;
  const own = options.mounts ?? [];
  const taken = new Set(own.map(({ target }) => posix.resolve(target)));
  const added = mounts.filter(({ target }) => !taken.has(posix.resolve(target)));
  return {
    ...others,
    ...options,
    ...(added.length > 0 && { mounts: [...added, ...own] }),
    ...(devices.length > 0 && { devices: [...devices, ...(options.devices ?? [])] }),
  };
}
