// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { topColumns } from '../top/columns.ts';
import { podKeys } from './filter-keys.ts';
import { all } from './flag-words.ts';
import { inspectFlags } from './inspect-flags.ts';
import { logFlags } from './log-flags.ts';
import { podClone, podCreate } from './pod-create.ts';
import { podStats as stats } from './stats.ts';

const ignore: FlagSpec = {
  name: 'ignore',
  short: 'i',
  kind: 'boolean',
  help: 'Ignore errors when a specified pod is missing',
};
const time: FlagSpec = {
  name: 'time',
  aliases: ['timeout'],
  short: 't',
  kind: 'uint',
  default: 10,
  help: 'Seconds to wait for pod stop before killing the container',
};
const latest: FlagSpec = {
  name: 'latest',
  short: 'l',
  kind: 'boolean',
  help: 'Act on the pod created last',
};

const podIdFile: FlagSpec = {
  name: 'pod-id-file',
  kind: 'stringSlice',
  completes: 'file',
  help: 'Read the pod ID from the file',
};
const pods = { min: 0 } as const;

const ps: CommandSpec = {
  name: 'ps',
  aliases: ['ls', 'list'],
  summary: 'List pods',
  description: 'List all pods on system including their names, ids and current state.',
  usage: 'ps [options]',
  flags: [
    { name: 'ctr-ids', kind: 'boolean', help: 'Display the container UUIDs' },
    { name: 'ctr-names', kind: 'boolean', help: 'Display the container names' },
    { name: 'ctr-status', kind: 'boolean', help: 'Display the container status' },
    {
      name: 'filter',
      values: podKeys,
      short: 'f',
      kind: 'strings',
      help: 'Filter output based on conditions given',
    },
    { name: 'format', kind: 'string', help: 'Pretty-print pods to JSON or using a Go template' },
    latest,
    { name: 'no-trunc', kind: 'boolean', help: 'Do not truncate pod and container IDs' },
    { name: 'noheading', kind: 'boolean', help: 'Do not print headers' },
    { name: 'ns', kind: 'boolean', help: 'Display namespace information of the pod' },
    { name: 'quiet', short: 'q', kind: 'boolean', help: 'Print the numeric IDs of the pods only' },
    {
      name: 'sort',
      kind: 'string',
      default: 'created',
      help: 'Sort output by created, id, name, number, or status',
    },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading pod ps', 'lading pod ps --ctr-names --filter status=running'],
  load: () => import('../commands/pod/ps.ts'),
};

const rm: CommandSpec = {
  name: 'rm',
  summary: 'Remove one or more pods',
  description: 'Removes one or more stopped pods and their containers from the host.',
  usage: 'rm [options] POD [POD...]',
  flags: [
    all('Remove all running pods'),
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Force removal of a running pod by first stopping all containers, then removing all containers in the pod.  The default is false',
    },
    ignore,
    latest,
    podIdFile,
    time,
  ],
  args: pods,
  examples: ['lading pod rm mywebserverpod', 'lading pod rm -f 860a4b23', 'lading pod rm -f -a'],
  load: () => import('../commands/pod/rm.ts'),
};

const start: CommandSpec = {
  name: 'start',
  summary: 'Start one or more pods',
  description: 'Starts all containers in the pod; namespaces and network are made anew where it was stopped.',
  usage: 'start [options] POD [POD...]',
  flags: [all('Start all pods'), latest, podIdFile],
  args: pods,
  examples: ['lading pod start podID', 'lading pod start --all'],
  load: () => import('../commands/pod/start.ts'),
};

const stop: CommandSpec = {
  name: 'stop',
  summary: 'Stop one or more pods',
  description: 'Stops all containers in the pod, and gives up its namespaces and network.',
  usage: 'stop [options] POD [POD...]',
  flags: [all('Stop all running pods'), ignore, latest, podIdFile, time],
  args: pods,
  examples: ['lading pod stop mywebserverpod', 'lading pod stop --time 0 490eb 3557fb'],
  load: () => import('../commands/pod/stop.ts'),
};

const restart: CommandSpec = {
  name: 'restart',
  summary: 'Restart one or more pods',
  description: 'Stops and starts all containers in the pod.',
  usage: 'restart [options] POD [POD...]',
  flags: [all('Restart all pods'), latest],
  args: pods,
  examples: ['lading pod restart podID1 podID2'],
  load: () => import('../commands/pod/restart.ts'),
};

const kill: CommandSpec = {
  name: 'kill',
  summary: 'Send the specified signal or SIGKILL to containers in pod',
  description: 'Signals are sent to the main process of each container inside the specified pod.',
  usage: 'kill [options] POD [POD...]',
  flags: [
    all('Kill all containers in all pods'),
    latest,
    {
      name: 'signal',
      short: 's',
      kind: 'string',
      default: 'KILL',
      help: 'Signal to send to the containers in the pod',
    },
  ],
  args: pods,
  examples: ['lading pod kill podID', 'lading pod kill --signal TERM mywebserver'],
  load: () => import('../commands/pod/kill.ts'),
};

const pause: CommandSpec = {
  name: 'pause',
  summary: 'Pause one or more pods',
  description: 'Pauses all running containers in the pod.',
  usage: 'pause [options] POD [POD...]',
  flags: [all('Pause all running pods'), latest],
  args: pods,
  examples: ['lading pod pause podID1 podID2'],
  load: async () => ({ run: (await import('../commands/pod/pause.ts')).runPause }),
};

const unpause: CommandSpec = {
  name: 'unpause',
  summary: 'Unpause one or more pods',
  description: 'Continues all paused containers in the pod.',
  usage: 'unpause [options] POD [POD...]',
  flags: [all('Unpause all running pods'), latest],
  args: pods,
  examples: ['lading pod unpause podID1 podID2'],
  load: async () => ({ run: (await import('../commands/pod/pause.ts')).runUnpause }),
};

const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Displays a pod configuration',
  description: 'Display the configuration for a pod by name or id',
  usage: 'inspect [options] POD [POD...]',
  flags: [...inspectFlags, latest],
  args: { min: 0 },
  examples: ['lading pod inspect podID', 'lading pod inspect --format "{{.State}}" mypod'],
  load: () => import('../commands/pod/inspect.ts'),
};

const exists: CommandSpec = {
  name: 'exists',
  summary: 'Check if a pod exists in local storage',
  description: 'If the named pod exists in local storage, the exit code is 0, otherwise 1.',
  usage: 'exists POD',
  args: { min: 1, max: 1 },
  examples: ['lading pod exists mypod || lading pod create --name mypod'],
  load: () => import('../commands/pod/exists.ts'),
};

const prune: CommandSpec = {
  name: 'prune',
  summary: 'Remove all stopped pods and their containers',
  description: 'Removes all pods of which no container runs.',
  usage: 'prune [options]',
  flags: [
    {
      name: 'force',
      short: 'f',
      kind: 'boolean',
      help: 'Do not prompt for confirmation.  The default is false',
    },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading pod prune'],
  load: () => import('../commands/pod/prune.ts'),
};

const logs: CommandSpec = {
  name: 'logs',
  summary: 'Fetch logs for pod with one or more containers',
  description: 'Displays logs for pod with one or more containers.',
  usage: 'logs [options] POD',
  flags: [
    ...logFlags,
    { name: 'container', short: 'c', kind: 'string', help: 'Filter logs by container name or id' },
    latest,
  ],
  args: { min: 0, max: 1 },
  examples: ['lading pod logs podID', 'lading pod logs -c ctrname podName'],
  load: () => import('../commands/pod/logs.ts'),
};

const top: CommandSpec = {
  name: 'top',
  summary: 'Display the running processes of containers in a pod',
  description: `Shows the processes of all containers that run, with columns of one's choice:\n${topColumns.join(',')}`,
  usage: 'top [options] POD [FORMAT-DESCRIPTORS|ARGS...]',
  flags: [latest],
  args: { min: 0 },
  interspersed: false,
  examples: ['lading pod top podID', 'lading pod top podID user pid seccomp args %C'],
  load: () => import('../commands/pod/top.ts'),
};

/** `lading pod`. */
export const podGroup: CommandSpec = {
  name: 'pod',
  summary: 'Manage pods',
  description: 'Pods are a group of one or more containers sharing the same network, pid and ipc namespaces.',
  usage: 'pod [command]',
  subcommands: [
    ...[
      podClone,
      podCreate,
      exists,
      inspect,
      kill,
      logs,
      pause,
      prune,
      ps,
      restart,
      rm,
      start,
      stats,
      stop,
      top,
      unpause,
    ],
  ],
};
