// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { createFlags } from './create-flags.ts';
import { healthFlags } from './healthcheck.ts';

/** Limits that a running container can be given, too. */
const limits = new Set([
  ...['blkio-weight', 'blkio-weight-device', 'cpu-period', 'cpu-quota', 'cpu-rt-period', 'cpu-rt-runtime'],
  ...['cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems', 'device-read-bps', 'device-read-iops'],
  ...['device-write-bps', 'device-write-iops', 'memory', 'memory-reservation', 'memory-swap'],
  ...['memory-swappiness', 'pids-limit'],
]);

/** What counts from the next start, the next end, or the next check. */
const others = new Set([
  'env',
  'unsetenv',
  'restart',
  'no-healthcheck',
  ...healthFlags.map(({ name }) => name),
]);

export const update: CommandSpec = {
  name: 'update',
  summary: 'update an existing container',
  description:
    'Changes the limits, the restart policy, the variables and the health check of a container. Limits and checks of one that runs change at once, variables at its next start.',
  usage: 'update [options] CONTAINER',
  flags: createFlags.filter(({ name }) => limits.has(name) || others.has(name)),
  args: { min: 1, max: 1 },
  examples: ['lading update --cpus=5 foobar_container', 'lading update --restart always foobar_container'],
  load: () => import('../commands/update.ts'),
};
