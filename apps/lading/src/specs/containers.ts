// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { topColumns } from '../top/columns.ts';
import { attach } from './attach.ts';
import { commit, containerDiff, cp, diff, exportSpec, mount, unmount } from './container-files.ts';
import { containerPrune } from './container-prune.ts';
import { createFlags } from './create-flags.ts';
import { detachKeys, sigProxy } from './foreground-flags.ts';
import { containerInspectFlags, inspectFlags } from './inspect-flags.ts';
import { nested } from './nested.ts';
import { psFlags } from './ps-flags.ts';
import { cidFileFlag, latestFlag, selectFlags } from './select-flags.ts';
import { stats } from './stats.ts';
import { update } from './update.ts';

const all = (help: string): FlagSpec => ({ name: 'all', short: 'a', kind: 'boolean', help });
const ignore: FlagSpec = {
  name: 'ignore',
  short: 'i',
  kind: 'boolean',
  help: 'Ignore errors when a specified container is missing',
};
const time = (help: string): FlagSpec => ({
  name: 'time',
  aliases: ['timeout'],
  short: 't',
  kind: 'uint',
  default: 10,
  help,
});

const run: CommandSpec = {
  name: 'run',
  summary: 'Run a command in a new container',
  description: 'Runs a command in a new container from the given image',
  usage: 'run [options] IMAGE [COMMAND [ARG...]]',
  flags: [
    ...createFlags,
    {
      name: 'detach',
      short: 'd',
      kind: 'boolean',
      help: 'Run container in background and print container ID',
    },
    detachKeys,
    sigProxy,
  ],
  args: { min: 1 },
  interspersed: false,
  examples: [
    'lading run imageID ls -alF /etc',
    'lading run --network=host imageID wget -qO- http://127.0.0.1:8080/',
    'lading run --volume /var/hostdir:/var/ctrdir -i -t fedora /bin/bash',
  ],
  load: () => import('../commands/run.ts'),
};

const create: CommandSpec = {
  name: 'create',
  summary: 'Create but do not start a container',
  description: 'Creates a new container from the given image; it is started with "lading start".',
  usage: 'create [options] IMAGE [COMMAND [ARG...]]',
  flags: createFlags,
  args: { min: 1 },
  interspersed: false,
  examples: ['lading create alpine ls', 'lading create --name web -p 8080:80 nginx'],
  load: () => import('../commands/create.ts'),
};

const start: CommandSpec = {
  name: 'start',
  summary: 'Start one or more containers',
  usage: 'start [options] CONTAINER [CONTAINER...]',
  flags: [
    { name: 'attach', short: 'a', kind: 'boolean', help: "Attach container's STDOUT and STDERR" },
    { name: 'interactive', short: 'i', kind: 'boolean', help: "Attach container's STDIN" },
    { name: 'all', kind: 'boolean', help: 'Start all containers regardless of their state or configuration' },
    ...selectFlags,
    detachKeys,
    sigProxy,
  ],
  args: { min: 0 },
  examples: ['lading start web', 'lading start --attach job'],
  load: () => import('../commands/start.ts'),
};

const ps: CommandSpec = {
  name: 'ps',
  summary: 'List containers',
  description: 'Prints out information about the containers',
  usage: 'ps [options]',
  flags: [
    all('Show all the containers, default is only running containers'),
    {
      name: 'filter',
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

const logs: CommandSpec = {
  name: 'logs',
  summary: 'Fetch the logs of a container',
  description: 'Prints what containers have written so far; stdout and stderr stay apart.',
  usage: 'logs [options] CONTAINER [CONTAINER...]',
  flags: [
    { name: 'color', kind: 'boolean', help: 'Output the containers with different colors in the log.' },
    { name: 'follow', short: 'f', kind: 'boolean', help: 'Follow log output.' },
    latestFlag,
    { name: 'names', short: 'n', kind: 'boolean', help: 'Output the container name in the log' },
    { name: 'since', kind: 'string', help: 'Show logs since TIMESTAMP' },
    {
      name: 'tail',
      kind: 'int',
      default: -1,
      help: 'Output the specified number of LINES at the end of the logs',
    },
    { name: 'timestamps', short: 't', kind: 'boolean', help: 'Output the timestamps in the log' },
    { name: 'until', kind: 'string', help: 'Show logs until TIMESTAMP' },
  ],
  args: { min: 0 },
  examples: [
    'lading logs web',
    'lading logs --names web db',
    'lading logs -f --tail 10 web',
    'lading logs --since 10m web',
  ],
  load: () => import('../commands/logs.ts'),
};

const exec: CommandSpec = {
  name: 'exec',
  summary: 'Run a process in a running container',
  description: 'Execute the specified command inside a running container.',
  usage: 'exec [options] CONTAINER [COMMAND [ARG...]]',
  flags: [
    {
      name: 'detach',
      short: 'd',
      kind: 'boolean',
      help: 'Run the exec session in detached mode (backgrounded)',
    },
    { name: 'env', short: 'e', kind: 'strings', help: 'Set environment variables' },
    { name: 'env-file', kind: 'stringSlice', help: 'Read in a file of environment variables' },
    { name: 'interactive', short: 'i', kind: 'boolean', help: 'Keep STDIN open even if not attached' },
    { name: 'privileged', kind: 'boolean', help: 'Give the process extended Linux capabilities' },
    { name: 'tty', short: 't', kind: 'boolean', help: 'Allocate a pseudo-TTY. The default is false' },
    {
      name: 'user',
      short: 'u',
      kind: 'string',
      help: 'Sets the username or UID used and optionally the groupname or GID for the specified command',
    },
    { name: 'workdir', short: 'w', kind: 'string', help: 'Working directory inside the container' },
  ],
  args: { min: 2, tooFew: 'exec requires the name or ID of a container and a command' },
  interspersed: false,
  examples: ['lading exec web ls -alF', 'lading exec -i -e FOO=1 web sh'],
  load: () => import('../commands/exec.ts'),
};

const stop: CommandSpec = {
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

const kill: CommandSpec = {
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

const rm: CommandSpec = {
  name: 'rm',
  summary: 'Remove one or more containers',
  description: 'Removes containers and what they wrote. A running container is removed with --force only.',
  usage: 'rm [options] CONTAINER [CONTAINER...]',
  flags: [
    all('Remove all containers'),
    latestFlag,
    cidFileFlag,
    { name: 'filter', kind: 'stringSlice', help: 'Filter output based on conditions given' },
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

const wait: CommandSpec = {
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
  ],
  args: { min: 1, tooFew: '"lading wait" requires a name or id' },
  examples: ['lading wait job', 'lading wait --condition running job'],
  load: () => import('../commands/wait.ts'),
};

const rename: CommandSpec = {
  name: 'rename',
  summary: 'Rename an existing container',
  usage: 'rename CONTAINER NAME',
  args: { min: 2, max: 2 },
  examples: ['lading rename web old-web'],
  load: () => import('../commands/rename.ts'),
};

const port: CommandSpec = {
  name: 'port',
  summary: 'List port mappings or a specific mapping for the container',
  usage: 'port [options] CONTAINER [PORT]',
  flags: [all('Display port information for all containers')],
  args: { min: 0, max: 2 },
  examples: ['lading port --all', 'lading port web 80/tcp'],
  load: () => import('../commands/port.ts'),
};

const topDescription = `Display the running processes of a container, with columns of one's choice; with flags of ps(1), the container's own ps is run.

Format Descriptors:
${topColumns.join(',')}`;

const top: CommandSpec = {
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

const pause: CommandSpec = {
  name: 'pause',
  summary: 'Pause all the processes in one or more containers',
  usage: 'pause [options] CONTAINER [CONTAINER...]',
  flags: [all('Pause all running containers'), ...selectFlags],
  args: { min: 0 },
  examples: ['lading pause web'],
  load: () => import('../commands/pause.ts'),
};

const unpause: CommandSpec = {
  name: 'unpause',
  summary: 'Unpause the processes in one or more containers',
  usage: 'unpause [options] CONTAINER [CONTAINER...]',
  flags: [all('Unpause all running containers'), ...selectFlags],
  args: { min: 0 },
  examples: ['lading unpause web'],
  load: () => import('../commands/unpause.ts'),
};

/** What conmon calls when a container has ended; people have no need of it. */
const cleanup: CommandSpec = {
  name: 'cleanup',
  summary: 'Clean up network and mountpoints of a container',
  usage: 'cleanup CONTAINER',
  args: { min: 1, max: 1 },
  hidden: true,
  load: () => import('../commands/cleanup.ts'),
};

const exists: CommandSpec = {
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

const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Display the configuration of a container',
  usage: 'inspect [options] CONTAINER [CONTAINER...]',
  flags: [...inspectFlags, ...containerInspectFlags],
  args: { min: 0 },
  examples: ['lading container inspect --format "{{.State.Status}}" web'],
  load: async () => ({ run: (await import('../commands/inspect.ts')).runContainerInspect }),
};

const restart: CommandSpec = {
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

/** Commands on containers at the top level. */
export const containerCommands: readonly CommandSpec[] = [
  attach,
  commit,
  cp,
  create,
  diff,
  exec,
  exportSpec,
  kill,
  logs,
  mount,
  pause,
  port,
  ps,
  rename,
  restart,
  rm,
  run,
  start,
  stats,
  stop,
  top,
  unmount,
  unpause,
  update,
  wait,
];

/** The same under `lading container`, and those that are only there. */
export const containerGroup: CommandSpec = {
  name: 'container',
  summary: 'Manage containers',
  usage: 'container [command]',
  subcommands: [
    ...containerCommands
      .filter((spec) => spec !== ps && spec !== diff)
      .map((spec) => nested('container', spec)),
    nested('container', containerDiff),
    nested('container', ps, { name: 'list', aliases: ['ls', 'ps'] }),
    inspect,
    exists,
    cleanup,
    containerPrune,
  ],
};
