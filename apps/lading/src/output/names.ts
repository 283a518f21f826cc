// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';

/** Names or `--all`, not both and not neither. */
export function checkNames({ args, flags }: CommandCall): void {
  const all = flags.boolean('all');
  if (!all && args.length === 0) throw usageError('you must provide at least one name or id');
  if (all && args.length > 0) throw usageError('--all and containers cannot be used together');
}

/** The containers that a command names, or with `--all` those that `choose` takes. */
export async function namedContainers(
  { args, flags }: CommandCall,
  engine: Engine,
  choose: (container: ContainerInfo) => boolean,
): Promise<readonly string[]> {
  if (!flags.boolean('all')) return args;
  const containers = await engine.containers.list({ all: true });
  return containers.filter(choose).map(({ id }) => id);
}

/** True while its process lives. */
export function isRunning({ status }: ContainerInfo): boolean {
  return status === 'running' || status === 'paused';
}
