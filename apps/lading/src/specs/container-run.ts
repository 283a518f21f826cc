// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { createFlags } from './create-flags.ts';
import { detachKeys, preserveFds, sigProxy } from './foreground-flags.ts';
import { latestFlag, selectFlags } from './select-flags.ts';

export const run: CommandSpec = {
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
    preserveFds,
    { name: 'rmi', kind: 'boolean', help: 'Remove container image unless used by other containers' },
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

export const create: CommandSpec = {
  name: 'create',
  summary: 'Create but do not start a container',
  description: 'Creates a new container from the given image; it is started with "lading start".',
  usage: 'create [options] IMAGE [COMMAND [ARG...]]',
  flags: [
    ...createFlags,
    {
      name: 'init-ctr',
      kind: 'string',
      values: ['always', 'once'],
      help: 'Run it to its end before the other containers of the pod, when that is started ("always"|"once")',
    },
  ],
  args: { min: 1 },
  interspersed: false,
  examples: ['lading create alpine ls', 'lading create --name web -p 8080:80 nginx'],
  load: () => import('../commands/create.ts'),
};

export const start: CommandSpec = {
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

export const exec: CommandSpec = {
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
    detachKeys,
    { name: 'env', short: 'e', kind: 'strings', help: 'Set environment variables' },
    { name: 'env-file', kind: 'stringSlice', help: 'Read in a file of environment variables' },
    { name: 'interactive', short: 'i', kind: 'boolean', help: 'Keep STDIN open even if not attached' },
    latestFlag,
    preserveFds,
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
  args: { min: 0 },
  interspersed: false,
  examples: ['lading exec web ls -alF', 'lading exec -i -e FOO=1 web sh'],
  load: () => import('../commands/exec.ts'),
};
