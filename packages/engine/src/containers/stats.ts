// SPDX-License-Identifier: Apache-2.0
import { cgroupPathsOf, readCgroupStats } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { ContainerRecord, ContainerStats } from '../types/containers.ts';

/** Counters of a running container's control groups, read from the kernel's files. */
export async function containerStats(context: Context, record: ContainerRecord): Promise<ContainerStats> {
  const paths = await cgroupPathsOf(record.run?.pid ?? 0);
  const stats = await readCgroupStats(paths);
  return { id: record.id, name: record.name, time: context.now().toISOString(), ...stats };
}
