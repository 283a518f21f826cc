// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';
import { volumeKeys } from './filter-keys.ts';
import { time } from './flag-words.ts';
import { pruneFlags } from './prune-flags.ts';

const noName = 'you must provide at least one volume name';
const one = { min: 1, max: 1 };
const format: FlagSpec = {
  name: 'format',
  short: 'f',
  kind: 'string',
  default: 'json',
  help: 'Format volume output using Go template',
};

/** `lading volume …`. */
export const volumeGroup: CommandSpec = {
  name: 'volume',
  summary: 'Manage volumes',
  description: 'Volumes are created in and can be shared between containers',
  usage: 'volume [command]',
  subcommands: [
    {
      name: 'create',
      summary: 'Create a new volume',
      usage: 'create [options] [NAME]',
      flags: [
        { name: 'driver', short: 'd', kind: 'string', default: 'local', help: 'Specify volume driver name' },
        { name: 'ignore', kind: 'boolean', help: "Don't fail if volume already exists" },
        { name: 'label', short: 'l', kind: 'strings', help: 'Set metadata for a volume' },
        {
          name: 'opt',
          short: 'o',
          kind: 'strings',
          help: 'Set driver specific options (type=tmpfs|none, device=PATH, o=bind|uid=N|gid=N|size=SIZE)',
        },
      ],
      args: { min: 0, max: 1 },
      examples: ['lading volume create myvol', 'lading volume create --label foo=bar myvol'],
      load: () => import('../commands/volume/create.ts'),
    },
    {
      name: 'exists',
      summary: 'Volume exists',
      description: 'If the given volume exists, exit with 0, otherwise exit with 1.',
      usage: 'exists VOLUME',
      args: one,
      examples: ['lading volume exists myvol'],
      load: () => import('../commands/volume/exists.ts'),
    },
    {
      name: 'export',
      summary: 'Export volumes',
      description: 'Writes the files of a volume as a tar archive.',
      usage: 'export [options] VOLUME',
      flags: [
        {
          name: 'output',
          short: 'o',
          kind: 'string',
          help: 'Write to a specified file (default: stdout, which must be redirected)',
          completes: 'file',
        },
      ],
      args: one,
      examples: ['lading volume export myvol --output vol.tar'],
      load: () => import('../commands/volume/export.ts'),
    },
    {
      name: 'import',
      summary: 'Import a tarball contents into a volume',
      description: 'Unpacks an archive, also a compressed one, into a volume; - or nothing is stdin.',
      usage: 'import VOLUME [SOURCE]',
      args: { min: 1, max: 2 },
      examples: ['lading volume import myvol vol.tar', 'cat vol.tar | lading volume import myvol -'],
      load: () => import('../commands/volume/import.ts'),
    },
    {
      name: 'inspect',
      summary: 'Display detailed information on one or more volumes',
      usage: 'inspect [options] VOLUME [VOLUME...]',
      flags: [{ name: 'all', short: 'a', kind: 'boolean', help: 'Inspect all volumes' }, format],
      args: { min: 0 },
      examples: [
        'lading volume inspect myvol',
        'lading volume inspect --format "{{.Driver}} {{.Scope}}" myvol',
      ],
      load: () => import('../commands/volume/inspect.ts'),
    },
    {
      name: 'ls',
      aliases: ['list'],
      summary: 'List volumes',
      usage: 'ls [options]',
      flags: [
        {
          name: 'filter',
          values: volumeKeys,
          short: 'f',
          kind: 'strings',
          help: 'Filter volume output (dangling, driver, label, name, scope, until)',
        },
        { name: 'format', kind: 'string', help: 'Format volume output using Go template' },
        { name: 'noheading', short: 'n', kind: 'boolean', help: 'Do not print headers' },
        { name: 'quiet', short: 'q', kind: 'boolean', help: 'Print volume output in quiet mode' },
      ],
      args: { min: 0, max: 0 },
      examples: ['lading volume ls --filter dangling=true'],
      load: () => import('../commands/volume/list.ts'),
    },
    {
      name: 'mount',
      summary: 'Mount volume',
      description: 'Prints where the files of a volume are.',
      usage: 'mount NAME',
      complete: volumeNames,
      args: { min: 1, tooFew: noName },
      examples: ['lading volume mount myvol'],
      load: () => import('../commands/volume/mount.ts'),
    },
    {
      name: 'prune',
      summary: 'Remove all unused volumes',
      description: 'Volumes that are not currently owned by a container will be removed.',
      usage: 'prune [options]',
      flags: pruneFlags,
      args: { min: 0, max: 0 },
      examples: ['lading volume prune --force'],
      load: () => import('../commands/volume/prune.ts'),
    },
    {
      name: 'reload',
      summary: 'Reload all volumes from volume plugins',
      description: 'Does nothing, as there are no volume plugins: all volumes are in the store.',
      usage: 'reload',
      args: { min: 0, max: 0 },
      examples: ['lading volume reload'],
      load: () => import('../commands/volume/reload.ts'),
    },
    {
      name: 'rm',
      aliases: ['remove'],
      summary: 'Remove one or more volumes',
      description:
        'Volumes that are used by a container are not removed, unless --force removes the container too.',
      usage: 'rm [options] VOLUME [VOLUME...]',
      flags: [
        { name: 'all', short: 'a', kind: 'boolean', help: 'Remove all volumes' },
        {
          name: 'force',
          short: 'f',
          kind: 'boolean',
          help: 'Remove a volume by force, even if it is being used by a container',
        },
        time('Seconds to wait for running containers to stop before killing the container'),
      ],
      args: { min: 0 },
      examples: ['lading volume rm myvol1 myvol2', 'lading volume rm --all'],
      load: () => import('../commands/volume/rm.ts'),
    },
    {
      name: 'unmount',
      aliases: ['umount'],
      summary: 'Unmount volume',
      usage: 'unmount NAME',
      complete: volumeNames,
      args: { min: 1, tooFew: noName },
      examples: ['lading volume unmount myvol'],
      load: async () => ({ run: (await import('../commands/volume/mount.ts')).runUnmount }),
    },
  ],
};

/** podman's usage line of these does not say what the name is of. */
async function volumeNames(): ReturnType<NonNullable<CommandSpec['complete']>> {
  const { completeKind } = await import('../completion/complete-names.ts');
  return { complete: (call, word) => completeKind('VOLUME', call, word) };
}
