// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { createFlags } from './create-flags.ts';

const limits = new Set([
  ...['blkio-weight', 'blkio-weight-device', 'cpu-period', 'cpu-quota', 'cpu-rt-period', 'cpu-rt-runtime'],
  ...['cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems', 'device-read-bps', 'device-write-bps'],
  ...['memory', 'memory-reservation', 'memory-swap', 'memory-swappiness'],
]);

export const containerClone: CommandSpec = {
  name: 'clone',
  summary: 'Clone an existing container',
  description: 'Creates a copy of an existing container: its options, not what it has written.',
  usage: 'clone [options] CONTAINER NAME IMAGE',
  flags: [
    ...createFlags.filter(({ name }) => limits.has(name)),
    { name: 'destroy', kind: 'boolean', help: 'Remove the original container' },
    { name: 'force', short: 'f', kind: 'boolean', help: 'Remove the original container even if it runs' },
    { name: 'name', kind: 'string', help: 'Assign a name to the container' },
    { name: 'pod', kind: 'string', help: 'Put the new container into an existing pod' },
    { name: 'run', kind: 'boolean', help: 'Run the new container in the background' },
  ],
  args: { min: 1, max: 3 },
  examples: ['lading container clone web', 'lading container clone --destroy --cpus=2 web web2 nginx:latest'],
  load: () => import('../commands/container-clone.ts'),
};
