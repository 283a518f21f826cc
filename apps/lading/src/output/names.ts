// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { withSharedFlags } from '../options/shared-flags.ts';
import { filterContainers } from './container-filter.ts';

/** Names, `--latest`, `--cidfile`, `--filter` or `--all`: not two that exclude each other, and not none. */
export function checkNames(call: CommandCall): void {
  const { args, flags } = withSharedFlags(call);
  const all = flags.boolean('all');
  const latest = flags.boolean('latest');
  const files = flags.strings('cidfile').length;
  const filters = flags.strings('filter').length;
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
  const { args, environment, flags } = withSharedFlags(call);
  const files = flags.strings('cidfile');
  const fromFiles = await Promise.all(
    // The first line, as podman reads it.
    files.map(async (file) => (await readFile(resolve(environment.cwd, file), 'utf8')).split('\n')[0] ?? ''),
  );
  const names = [...fromFiles, ...args];
  const latest = flags.boolean('latest');
  const filters = flags.strings('filter');
  if (latest) return [await latestContainer(engine)];
  if (!flags.boolean('all') && filters.length === 0) return names;
  const containers = await engine.containers.list({ all: true });
  const matching = filterContainers(containers, filters);
  if (names.length === 0) return matching.filter(choose).map(({ id }) => id);
  return names.filter((ref) => matching.some(({ id, name }) => name === ref || id.startsWith(ref)));
}

/** The arguments, or the id of the newest container with `--latest`, which takes none. */
export async function argsOrLatest({ args, flags }: CommandCall, engine: Engine): Promise<readonly string[]> {
  if (!flags.boolean('latest')) return args;
  if (args.length > 0) throw usageError('--latest and containers cannot be used together');
  return [await latestContainer(engine)];
}

/** The id of the container that was made last. */
export async function latestContainer({ containers }: Engine): Promise<string> {
  const [newest] = await containers.list({ all: true });
  if (newest === undefined) throw new LadingError(Code.NotFound, 'no such container');
  return newest.id;
}

/** True while its process lives. */
export function isRunning({ status }: ContainerInfo): boolean {
  return status === 'running' || status === 'paused';
}
