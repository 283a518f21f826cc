// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { containerKeys } from './filter-keys.ts';
import { all, ignore, time } from './flag-words.ts';
import { cidFileFlag, latestFlag, selectFlags } from './select-flags.ts';

export const stop: CommandSpec = {
  name: 'stop',
  summary: 'Stop one or more containers',
  description: 'Sends the stop signal, then SIGKILL to those that still run after the timeout.',
  usage: 'stop [options] CONTAINER [CONTAINER...]',
  flags: [
    all('Stop all running containers'),
    ...selectFlags,
    ignore,
    time('Seconds to wait for stop before killing the container'),
  ],
  args: { min: 0 },
  examples: ['lading stop web', 'lading stop --time 2 web db'],
  load: () => import('../commands/stop.ts'),
};

export const kill: CommandSpec = {
  name: 'kill',
  summary: 'Kill one or more running containers with a specific signal',
  usage: 'kill [options] CONTAINER [CONTAINER...]',
  flags: [
    all('Signal all running containers'),
    latestFlag,
    cidFileFlag,
    { name: 'signal', short: 's', kind: 'string', default: 'KILL', help: 'Signal to send to the container' },
  ],
  args: { min: 0 },
  examples: ['lading kill web', 'lading kill --signal TERM web'],
  load: () => import('../commands/kill.ts'),
};

export const rm: CommandSpec = {
  name: 'rm',
  summary: 'Remove one or more containers',
  description: 'Removes containers and what they wrote. A running container is removed with --force only.',
  usage: 'rm [options] CONTAINER [CONTAINER...]',
  flags: [
    all('Remove all containers'),
    latestFlag,
    cidFileFlag,
    {
      name: 'filter',
      values: containerKeys,
      kind: 'stringSlice',
      help: 'Filter output based on conditions given',
    },
    {
      name: 'depend',
      kind: 'boolean',
      help: 'Remove container and all containers that depend on the selected container',
    },
    { name: 'force', short: 'f', kind: 'boolean', help: 'Force removal of a running container' },
    ignore,
    time('Seconds to wait for stop before killing the container'),
    {
      name: 'volumes',
      short: 'v',
      kind: 'boolean',
      help: 'Remove anonymous volumes associated with the container',
    },
  ],
  args: { min: 0 },
  examples: ['lading rm web', 'lading rm -f web db', 'lading rm --all'],
  load: () => import('../commands/rm.ts'),
};

export const wait: CommandSpec = {
  name: 'wait',
  summary: 'Block on one or more containers',
  description: 'Waits until they have ended and prints their exit codes.',
  usage: 'wait [options] CONTAINER [CONTAINER...]',
  flags: [
    { name: 'condition', kind: 'stringSlice', help: 'Condition to wait on' },
    {
      name: 'interval',
      short: 'i',
      kind: 'string',
      default: '250ms',
      help: 'Time Interval to wait before polling for completion',
    },
    latestFlag,
  ],
  args: { min: 0 },
  examples: ['lading wait job', 'lading wait --condition running job'],
  load: () => import('../commands/wait.ts'),
};

export const rename: CommandSpec = {
  name: 'rename',
  summary: 'Rename an existing container',
  usage: 'rename CONTAINER NAME',
  args: { min: 2, max: 2 },
  examples: ['lading rename web old-web'],
  load: () => import('../commands/rename.ts'),
};

export const pause: CommandSpec = {
  name: 'pause',
  summary: 'Pause all the processes in one or more containers',
  usage: 'pause [options] CONTAINER [CONTAINER...]',
  flags: [all('Pause all running containers'), ...selectFlags],
  args: { min: 0 },
  examples: ['lading pause web'],
  load: () => import('../commands/pause.ts'),
};

export const unpause: CommandSpec = {
  name: 'unpause',
  summary: 'Unpause the processes in one or more containers',
  usage: 'unpause [options] CONTAINER [CONTAINER...]',
  flags: [all('Unpause all running containers'), ...selectFlags],
  args: { min: 0 },
  examples: ['lading unpause web'],
  load: () => import('../commands/unpause.ts'),
};

export const restart: CommandSpec = {
  name: 'restart',
  summary: 'Restart one or more containers',
  usage: 'restart [options] CONTAINER [CONTAINER...]',
  flags: [
    all('Restart all non-running containers'),
    ...selectFlags,
    { name: 'running', kind: 'boolean', help: 'Restart only running containers' },
    time('Seconds to wait for stop before killing the container'),
  ],
  args: { min: 0 },
  examples: ['lading restart web'],
  load: () => import('../commands/restart.ts'),
};

export const init: CommandSpec = {
  name: 'init',
  summary: 'Initialize one or more containers',
  description:
    'Does all of a start but the last step: mounts, networks and control groups are there to be looked at, and the command waits for "lading start".',
  usage: 'init [options] CONTAINER [CONTAINER...]',
  flags: [all('Initialize all containers'), latestFlag],
  args: { min: 0 },
  examples: ['lading init web', 'lading init --all'],
  load: () => import('../commands/init.ts'),
};

/** What conmon calls when a container has ended; people have no need of it. */
export const cleanup: CommandSpec = {
  name: 'cleanup',
  summary: 'Clean up network and mountpoints of a container',
  usage: 'cleanup CONTAINER',
  args: { min: 1, max: 1 },
  hidden: true,
  load: () => import('../commands/cleanup.ts'),
};
