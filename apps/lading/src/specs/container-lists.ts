// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { topColumns } from '../top/columns.ts';
import { containerKeys } from './filter-keys.ts';
import { all } from './flag-words.ts';
import { containerInspectFlags, inspectFlags } from './inspect-flags.ts';
import { logFlags } from './log-flags.ts';
import { psFlags } from './ps-flags.ts';
import { latestFlag } from './select-flags.ts';

export const ps: CommandSpec = {
  name: 'ps',
  summary: 'List containers',
  description: 'Prints out information about the containers',
  usage: 'ps [options]',
  flags: [
    all('Show all the containers, default is only running containers'),
    {
      name: 'filter',
      values: containerKeys,
      short: 'f',
      kind: 'stringSlice',
      help: 'Filter output based on conditions given (id, name, label, status, exited, ancestor, network, before, since)',
    },
    { name: 'format', kind: 'string', help: 'Pretty-print containers to JSON or using a Go template' },
    {
      name: 'last',
      short: 'n',
      kind: 'int',
      default: -1,
      help: 'Print the n last created containers (all states)',
    },
    { name: 'latest', short: 'l', kind: 'boolean', help: 'Show the container created last' },
    { name: 'no-trunc', kind: 'boolean', help: 'Display the extended information' },
    { name: 'noheading', kind: 'boolean', help: 'Do not print headers' },
    ...psFlags,
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Print the numeric IDs of the containers only' },
  ],
  examples: ['lading ps -a', 'lading ps -a --format "{{.ID}}  {{.Image}}  {{.Labels}}  {{.Mounts}}"'],
  load: () => import('../commands/ps.ts'),
};

export const logs: CommandSpec = {
  name: 'logs',
  summary: 'Fetch the logs of a container',
  description: 'Prints what containers have written so far; stdout and stderr stay apart.',
  usage: 'logs [options] CONTAINER [CONTAINER...]',
  flags: [...logFlags, latestFlag],
  args: { min: 0 },
  examples: [
    'lading logs web',
    'lading logs --names web db',
    'lading logs -f --tail 10 web',
    'lading logs --since 10m web',
  ],
  load: () => import('../commands/logs.ts'),
};

export const port: CommandSpec = {
  name: 'port',
  summary: 'List port mappings or a specific mapping for the container',
  usage: 'port [options] CONTAINER [PORT]',
  flags: [all('Display port information for all containers'), latestFlag],
  args: { min: 0, max: 2 },
  examples: ['lading port --all', 'lading port web 80/tcp'],
  load: () => import('../commands/port.ts'),
};

const topDescription = `Display the running processes of a container, with columns of one's choice; with flags of ps(1), the container's own ps is run.

Format Descriptors:
${topColumns.join(',')}`;

export const top: CommandSpec = {
  name: 'top',
  summary: 'Display the running processes of a container',
  description: topDescription,
  usage: 'top [options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]',
  flags: [latestFlag],
  args: { min: 0 },
  interspersed: false,
  examples: ['lading top web', 'lading top web pid seccomp args %C', 'lading top web -eo user,pid,comm'],
  load: () => import('../commands/top.ts'),
};

export const exists: CommandSpec = {
  name: 'exists',
  summary: 'Check if a container exists',
  description: 'Exit code 0 when it exists, 1 when it does not.',
  usage: 'exists [options] CONTAINER',
  flags: [
    {
      name: 'external',
      kind: 'boolean',
      help: 'Check external storage containers as well as those of lading',
    },
  ],
  args: { min: 1, max: 1 },
  examples: ['lading container exists web'],
  load: () => import('../commands/container-exists.ts'),
};

export const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Display the configuration of a container',
  usage: 'inspect [options] CONTAINER [CONTAINER...]',
  flags: [...inspectFlags, ...containerInspectFlags],
  args: { min: 0 },
  examples: ['lading container inspect --format "{{.State.Status}}" web'],
  load: async () => ({ run: (await import('../commands/inspect.ts')).runContainerInspect }),
};
