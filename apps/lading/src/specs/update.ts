// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { createFlags } from './create-flags.ts';

/** Limits that a running container can be given, too. */
const limits = new Set([
  ...['blkio-weight', 'blkio-weight-device', 'cpu-period', 'cpu-quota', 'cpu-rt-period', 'cpu-rt-runtime'],
  ...['cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems', 'device-read-bps', 'device-read-iops'],
  ...['device-write-bps', 'device-write-iops', 'memory', 'memory-reservation', 'memory-swap'],
  ...['memory-swappiness', 'pids-limit'],
]);

export const update: CommandSpec = {
  name: 'update',
  summary: 'update an existing container',
  description: 'Updates the cgroup configuration of a given container',
  usage: 'update [options] CONTAINER',
  flags: createFlags.filter(({ name }) => limits.has(name)),
  args: { min: 1, max: 1 },
  examples: ['lading update --cpus=5 foobar_container'],
  load: () => import('../commands/update.ts'),
};
