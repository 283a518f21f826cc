// SPDX-License-Identifier: Apache-2.0
import { type CommandSpec, type Environment, type ProgramSpec, runProgram } from '@lading/command-line';
import { configFlags, folderFlags } from './commands/config-flags.ts';
import { defaultListen } from './config/settings.ts';
import { version } from './version.ts';

const serve: CommandSpec = {
  name: 'serve',
  summary: 'Serve the Kubernetes CRI; this is what ladingd does when no command is given',
  usage: 'serve [options]',
  flags: [
    ...configFlags,
    {
      name: 'listen',
      kind: 'string',
      placeholder: 'socket',
      help: `Path of the socket (default ${defaultListen})`,
    },
    ...folderFlags,
    { name: 'conmon', kind: 'string', placeholder: 'file', help: 'Path of conmon' },
    {
      name: 'log-level',
      kind: 'string',
      placeholder: 'level',
      help: 'error, warn, info or, to be told of each call, debug',
    },
    { name: 'default-runtime', kind: 'string', placeholder: 'name', help: 'Handler for pods that name none' },
    { name: 'cni-config-dir', kind: 'string', placeholder: 'folder', help: 'Folder of CNI configurations' },
    { name: 'cni-plugin-dir', kind: 'stringSlice', placeholder: 'folder', help: 'Folders of CNI plugins' },
    {
      name: 'cni-default-network',
      kind: 'string',
      placeholder: 'name',
      help: 'CNI network of pods (default: the first in the folder)',
    },
    {
      name: 'insecure-registry',
      kind: 'stringSlice',
      placeholder: 'host',
      help: 'Registries without verified TLS',
    },
  ],
  examples: ['ladingd', 'ladingd --listen /run/lading/test.sock --root /tmp/root --runroot /tmp/run'],
  load: () => import('./serve.ts'),
};

const config: CommandSpec = {
  name: 'config',
  summary: 'Print the configuration that a daemon started now would have',
  usage: 'config [options]',
  flags: [...configFlags, { name: 'default', kind: 'boolean', help: 'Print the default one' }],
  load: () => import('./commands/config.ts'),
};

const status: CommandSpec = {
  name: 'status',
  summary: 'Print what a daemon that runs says of itself',
  usage: 'status [options] [info | config | container ID]',
  args: { min: 0, max: 2 },
  flags: [
    {
      name: 'socket',
      short: 's',
      kind: 'string',
      placeholder: 'socket',
      help: `Path of its socket (default ${defaultListen})`,
    },
  ],
  load: () => import('./commands/status.ts'),
};

const check: CommandSpec = {
  name: 'check',
  summary: 'Look for damage in the store',
  usage: 'check [options]',
  flags: [
    ...configFlags,
    ...folderFlags,
    { name: 'quick', short: 'q', kind: 'boolean', help: 'Do not compare each file with its archive' },
    {
      name: 'repair',
      kind: 'boolean',
      help: 'Mend what is damaged, and remove images that cannot be mended',
    },
    { name: 'force', short: 'f', kind: 'boolean', help: 'With --repair: remove damaged containers too' },
  ],
  load: () => import('./commands/check.ts'),
};

const wipe: CommandSpec = {
  name: 'wipe',
  summary: 'Remove sandboxes and containers that a boot before this one has left; no daemon may run',
  usage: 'wipe [options]',
  flags: [
    ...configFlags,
    {
      name: 'listen',
      kind: 'string',
      placeholder: 'socket',
      help: `Path of the socket of the daemon (default ${defaultListen})`,
    },
    ...folderFlags,
    { name: 'force', short: 'f', kind: 'boolean', help: 'Those of this boot too, also those that run' },
    { name: 'images', kind: 'boolean', help: 'Images too, but for pinned ones and those of what stays' },
  ],
  examples: ['ladingd wipe', 'ladingd wipe --force --images'],
  load: () => import('./commands/wipe.ts'),
};

const versions: CommandSpec = {
  name: 'version',
  summary: 'Print versions',
  usage: 'version [options]',
  flags: [{ name: 'json', short: 'j', kind: 'boolean', help: 'Print JSON' }],
  load: () => import('./commands/version.ts'),
};

const program: ProgramSpec = {
  name: 'ladingd',
  version,
  summary: 'A Kubernetes CRI daemon',
  commands: [serve, config, status, check, wipe, versions],
  exitCode: () => 1,
};

const ownWords = new Set(['serve', 'help', '--help', '-h', '--version', '-v']);

/** Runs ladingd on the words after its name; resolves to its exit code. Without a command it serves. */
export function runLadingd(argv: readonly string[], environment: Environment): Promise<number> {
  const [first] = argv;
  const isServe = first === undefined || (first.startsWith('-') && !ownWords.has(first));
  return runProgram(program, isServe ? ['serve', ...argv] : argv, environment);
}
