// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { eventKeys } from './filter-keys.ts';
import { containerInspectFlags, inspectFlags } from './inspect-flags.ts';
import { nested } from './nested.ts';
import { pruneFlags } from './prune-flags.ts';

const format = {
  name: 'format',
  short: 'f',
  kind: 'string',
  help: 'Change the output format to JSON or a Go template',
} as const;

const check: CommandSpec = {
  name: 'check',
  summary: 'Check storage consistency',
  description: 'Checks storage for consistency, and with --repair mends it and removes what is damaged.',
  usage: 'check [options]',
  flags: [
    { name: 'force', short: 'f', kind: 'boolean', help: 'Remove inconsistent images and containers' },
    {
      name: 'max',
      short: 'm',
      kind: 'duration',
      default: '24h0m0s',
      help: 'Maximum allowed age of unreferenced layers',
    },
    {
      name: 'quick',
      short: 'q',
      kind: 'boolean',
      help: 'Skip time-consuming checks. The default is to include time-consuming checks',
    },
    { name: 'repair', short: 'r', kind: 'boolean', help: 'Mend the store, and remove inconsistent images' },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading system check', 'lading system check --quick', 'lading system check --repair'],
  load: () => import('../commands/system-check.ts'),
};

const events: CommandSpec = {
  name: 'events',
  summary: 'Show events',
  description:
    'Shows what happens to containers, pods, images and volumes, as it happens; with --since or --until also what has happened since the machine was started, as far as the log goes back.',
  usage: 'events [options]',
  flags: [
    {
      name: 'filter',
      values: eventKeys,
      short: 'f',
      kind: 'strings',
      help: 'Filter output (container, event, image, label, pod, type, volume)',
    },
    { name: 'format', kind: 'string', help: 'Format the output using JSON or a Go template' },
    { name: 'no-trunc', kind: 'boolean', default: true, help: 'Do not truncate the output' },
    { name: 'since', kind: 'string', help: 'Show all events created since timestamp' },
    { name: 'stream', kind: 'boolean', default: true, help: 'Do not exit after the last known event' },
    { name: 'until', kind: 'string', help: 'Show all events until timestamp' },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading events', 'lading events --filter event=create', 'lading events --since 1h30s'],
  load: () => import('../commands/events.ts'),
};

const df: CommandSpec = {
  name: 'df',
  summary: 'Show lading disk usage',
  description: 'Shows what images and containers take, and what could be freed.',
  usage: 'df [options]',
  flags: [
    { name: 'format', kind: 'string', help: 'Pretty-print disk usage using a Go template' },
    { name: 'verbose', short: 'v', kind: 'boolean', help: 'Show detailed information on disk usage' },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading system df', 'lading system df -v', 'lading system df --format "{{.Type}} {{.Size}}"'],
  load: () => import('../commands/system-df.ts'),
};

const info: CommandSpec = {
  name: 'info',
  summary: 'Display lading system information',
  description: 'Display information about the host, the store and the versions of the parts.',
  usage: 'info [options]',
  flags: [format],
  args: { min: 0, max: 0 },
  examples: ['lading info', 'lading info --format "{{.Store.GraphRoot}}"'],
  load: () => import('../commands/info.ts'),
};

const migrate: CommandSpec = {
  name: 'migrate',
  summary: 'Migrate containers',
  description:
    'Stops all containers, so that they run by this version when they are started again. With --new-runtime they will be started by another runtime.',
  usage: 'migrate [options]',
  flags: [{ name: 'new-runtime', kind: 'string', help: 'Specify a new runtime for all containers' }],
  args: { min: 0, max: 0 },
  examples: ['lading system migrate'],
  load: () => import('../commands/system-migrate.ts'),
};

const renumber: CommandSpec = {
  name: 'renumber',
  summary: 'Migrate lock numbers',
  description:
    'Locks are files here, named after what they are for: none has a number. Those of containers and pods that are gone are removed.',
  usage: 'renumber',
  args: { min: 0, max: 0 },
  examples: ['lading system renumber'],
  load: () => import('../commands/system-renumber.ts'),
};

const prune: CommandSpec = {
  name: 'prune',
  summary: 'Remove unused data',
  description:
    'Removes all containers that do not run, networks and images that nobody uses, and with --volumes volumes, too.',
  usage: 'prune [options]',
  flags: [
    { name: 'all', short: 'a', kind: 'boolean', help: 'Remove all unused data' },
    ...pruneFlags,
    { name: 'volumes', kind: 'boolean', help: 'Prune volumes' },
  ],
  args: { min: 0, max: 0 },
  examples: ['lading system prune', 'lading system prune --all --force'],
  load: () => import('../commands/system-prune.ts'),
};

const reset: CommandSpec = {
  name: 'reset',
  summary: 'Reset lading storage',
  description:
    'Stops and removes all containers, also those of other tools, and removes all pods, images, volumes, secrets and networks.',
  usage: 'reset [options]',
  flags: [{ name: 'force', short: 'f', kind: 'boolean', help: 'Do not prompt for confirmation' }],
  args: { min: 0, max: 0 },
  examples: ['lading system reset --force'],
  load: () => import('../commands/system-reset.ts'),
};

/** `lading system`. */
export const systemGroup: CommandSpec = {
  name: 'system',
  summary: 'Manage lading',
  usage: 'system [command]',
  subcommands: [check, df, nested('system', events), nested('system', info), migrate, prune, renumber, reset],
};

/** Commands that are neither of containers nor of images. */
export const systemCommands: readonly CommandSpec[] = [
  events,
  info,
  {
    name: 'inspect',
    summary: 'Display the configuration of object denoted by ID',
    description: 'Displays the low-level information on containers, images, volumes, networks and pods.',
    usage: 'inspect [options] {CONTAINER|IMAGE|POD|NETWORK|VOLUME} [...]',
    flags: [
      ...inspectFlags,
      ...containerInspectFlags,
      {
        name: 'type',
        short: 't',
        kind: 'string',
        default: 'all',
        help: 'Specify inspect-object type ("image"|"container"|"pod"|"network"|"volume"|"all")',
        values: ['image', 'container', 'pod', 'network', 'volume', 'all'],
      },
    ],
    args: { min: 0 },
    examples: ['lading inspect alpine', 'lading inspect --format "{{.State.Status}}" web'],
    load: () => import('../commands/inspect.ts'),
  },
  {
    name: 'version',
    summary: 'Display the Lading version information',
    usage: 'version [options]',
    flags: [format],
    examples: ['lading version', 'lading version --format "{{.Client.Version}}"'],
    load: () => import('../commands/version.ts'),
  },
];
