// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { hasFlag } from '../options/has-flag.ts';
import { filterContainers } from './container-filter.ts';

/** Names, `--latest`, `--cidfile`, `--filter` or `--all`: not two that exclude each other, and not none. */
export function checkNames(call: CommandCall): void {
  const { args, flags } = call;
  const all = flags.boolean('all');
  const latest = hasFlag(call, 'latest') && flags.boolean('latest');
  const files = hasFlag(call, 'cidfile') ? flags.strings('cidfile').length : 0;
  const filters = hasFlag(call, 'filter') ? flags.strings('filter').length : 0;
  const words = args.length;
  if (all && latest) throw usageError('--all and --latest cannot be used together');
  if (all && words + files > 0) throw usageError('--all and containers cannot be used together');
  if (latest && words + files > 0) throw usageError('--latest and containers cannot be used together');
  if (!all && !latest && words + files + filters === 0) {
    throw usageError('you must provide at least one name or id');
  }
}

/**
 * The containers that a command names, or with `--all` those that `choose` takes; `--filter` leaves those that
 * match, of the named ones or of all.
 */
export async function namedContainers(
  call: CommandCall,
  engine: Engine,
  choose: (container: ContainerInfo) => boolean,
): Promise<readonly string[]> {
  const { args, environment, flags } = call;
  const files = hasFlag(call, 'cidfile') ? flags.strings('cidfile') : [];
  const fromFiles = await Promise.all(
    // The first line, as podman reads it.
    files.map(async (file) => (await readFile(resolve(environment.cwd, file), 'utf8')).split('\n')[0] ?? ''),
  );
  const names = [...fromFiles, ...args];
  const latest = hasFlag(call, 'latest') && flags.boolean('latest');
  const filters = hasFlag(call, 'filter') ? flags.strings('filter') : [];
  if (!flags.boolean('all') && !latest && filters.length === 0) return names;
  const containers = await engine.containers.list({ all: true });
  if (latest) return containers.slice(0, 1).map(({ id }) => id);
  const matching = filterContainers(containers, filters);
  if (names.length === 0) return matching.filter(choose).map(({ id }) => id);
  return names.filter((ref) => matching.some(({ id, name }) => name === ref || id.startsWith(ref)));
}

/** True while its process lives. */
export function isRunning({ status }: ContainerInfo): boolean {
  return status === 'running' || status === 'paused';
}
