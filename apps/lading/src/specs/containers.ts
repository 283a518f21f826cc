// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { attach } from './attach.ts';
import { containerClone } from './container-clone.ts';
import { commit, containerDiff, cp, diff, exportSpec, mount, unmount } from './container-files.ts';
import { exists, inspect, logs, port, ps, top } from './container-lists.ts';
import { containerPrune } from './container-prune.ts';
import { create, exec, run, start } from './container-run.ts';
import { cleanup, init, kill, pause, rename, restart, rm, stop, unpause, wait } from './container-states.ts';
import { nested } from './nested.ts';
import { stats } from './stats.ts';
import { update } from './update.ts';

/** Commands on containers at the top level. */
export const containerCommands: readonly CommandSpec[] = [
  attach,
  commit,
  cp,
  create,
  diff,
  exec,
  exportSpec,
  init,
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
    containerClone,
    inspect,
    exists,
    cleanup,
    containerPrune,
  ],
};
