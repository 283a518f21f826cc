// SPDX-License-Identifier: Apache-2.0
import { type CommandSpec, type Environment, type ProgramSpec, runProgram } from '@lading/command-line';
import { configFile, configFolder, defaultListen } from './config/settings.ts';
import { version } from './version.ts';

const serve: CommandSpec = {
  name: 'serve',
  summary: 'Serve the Kubernetes CRI; this is what ladingd does when no command is given',
  usage: 'serve [options]',
  flags: [
    {
      name: 'config',
      short: 'c',
      kind: 'string',
      placeholder: 'file',
      help: `Configuration file (default ${configFile})`,
    },
    {
      name: 'config-dir',
      short: 'd',
      kind: 'string',
      placeholder: 'folder',
      help: `Folder of further files, later ones win (default ${configFolder})`,
    },
    {
      name: 'listen',
      kind: 'string',
      placeholder: 'socket',
      help: `Path of the socket (default ${defaultListen})`,
    },
    {
      name: 'root',
      short: 'r',
      kind: 'string',
      placeholder: 'folder',
      help: 'Folder of images and containers',
    },
    {
      name: 'runroot',
      kind: 'string',
      placeholder: 'folder',
      help: 'Folder of what does not outlive a boot',
    },
    { name: 'conmon', kind: 'string', placeholder: 'file', help: 'Path of conmon' },
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

const program: ProgramSpec = {
  name: 'ladingd',
  version,
  summary: 'A Kubernetes CRI daemon',
  commands: [serve],
  exitCode: () => 1,
};

const ownWords = new Set(['serve', 'help', '--help', '-h', '--version', '-v']);

/** Runs ladingd on the words after its name; resolves to its exit code. Without a command it serves. */
export function runLadingd(argv: readonly string[], environment: Environment): Promise<number> {
  const [first] = argv;
  const isServe = first === undefined || (first.startsWith('-') && !ownWords.has(first));
  return runProgram(program, isServe ? ['serve', ...argv] : argv, environment);
}
