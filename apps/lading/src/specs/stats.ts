// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

/** `lading stats`. */
export const stats: CommandSpec = {
  name: 'stats',
  summary: 'Display a live stream of container resource usage statistics',
  description:
    'Display percentage of CPU, memory, network I/O, block I/O and PIDs for one or more containers.',
  usage: 'stats [options] [CONTAINER...]',
  flags: [
    {
      name: 'all',
      short: 'a',
      kind: 'boolean',
      help: 'Show all containers. Only running containers are shown by default. The default is false',
    },
    {
      name: 'format',
      kind: 'string',
      help: 'Pretty-print container statistics to JSON or using a Go template',
    },
    {
      name: 'interval',
      short: 'i',
      kind: 'int',
      default: 5,
      help: 'Time in seconds between stats reports',
    },
    { name: 'latest', short: 'l', kind: 'boolean', help: 'Act on the container made last' },
    { name: 'no-reset', kind: 'boolean', help: 'Disable resetting the screen between intervals' },
    {
      name: 'no-stream',
      kind: 'boolean',
      help: 'Disable streaming stats and only pull the first result, default setting is false',
    },
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate output' },
  ],
  examples: [
    'lading stats --all --no-stream',
    'lading stats web',
    'lading stats --no-stream --format "table {{.ID}} {{.Name}} {{.MemUsage}}" web',
  ],
  args: { min: 0 },
  load: () => import('../commands/stats.ts'),
};

/** `lading pod stats`. */
export const podStats: CommandSpec = {
  name: 'stats',
  summary: 'Display a live stream of resource usage statistics for the containers in one or more pods',
  usage: 'stats [options] [POD...]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Provide stats for all pods' },
    {
      name: 'format',
      kind: 'string',
      help: 'Pretty-print container statistics to JSON or using a Go template',
    },
    { name: 'latest', short: 'l', kind: 'boolean', help: 'Act on the pod created last' },
    { name: 'no-reset', kind: 'boolean', help: 'Disable resetting the screen when streaming' },
    { name: 'no-stream', kind: 'boolean', help: 'Disable streaming stats and only pull the first result' },
  ],
  args: { min: 0 },
  examples: ['lading pod stats --no-stream', 'lading pod stats a69b23034235 named-pod'],
  load: () => import('../commands/pod/stats.ts'),
};
