// SPDX-License-Identifier: Apache-2.0
import { type Context, joinRun, readRuns, type StoredContainer } from '../core/context.ts';
import { stillLives } from '../core/still-lives.ts';
import { readHealth } from '../health/health-file.ts';
import type { ContainerInfo, ListOptions } from '../types/containers.ts';
import { describe } from './status.ts';

/** Lists containers, newest first. What still holds of what was told last is told again, as the same object. */
export function createContainerList(
  context: Context,
): (options?: ListOptions) => Promise<readonly ContainerInfo[]> {
  const told = new WeakMap<StoredContainer, ContainerInfo>();

  function again(stored: StoredContainer, run: unknown): ContainerInfo | undefined {
    const info = told.get(stored);
    if (info === undefined || info.run !== run) return undefined;
    return info.run === undefined || stillLives(info.run) ? info : undefined;
  }

  async function anew(stored: StoredContainer, run: unknown, options: ListOptions): Promise<ContainerInfo> {
    const info = await describe(context, joinRun(stored, run), options);
    if (!options.pausedAsRunning) return info;
    if (isLasting(info)) told.set(stored, info);
    else told.delete(stored);
    return info;
  }

  const isSameHealth = async (last: ContainerInfo): Promise<boolean> =>
    (await readHealth(context, last)) === last.health;

  return async (options = {}) => {
    const podId = options.pod === undefined ? undefined : await context.pods.resolve(options.pod);
    const stored = await context.containers.list();
    const wanted = Object.entries(options.labels ?? {});
    const chosen = stored
      .filter((record) => podId === undefined || record.podId === podId)
      .filter((record) =>
        wanted.every(([key, value]) => {
          const own = record.options.labels?.[key];
          return own !== undefined && (value === '' || own === value);
        }),
      );
    const runs = await readRuns(context);
    const infos = await Promise.all(
      // Those that are as they were are not waited for: of hundreds, that would take longer than all else.
      chosen.map((one) => {
        const run = runs.get(one.id);
        const last = options.pausedAsRunning ? again(one, run) : undefined;
        if (last === undefined) return anew(one, run, options);
        if (!last.healthCheck) return last;
        return isSameHealth(last).then((same) => (same ? last : anew(one, run, options)));
      }),
    );
    return infos
      .filter(({ status }) => options.all || status === 'running' || status === 'paused')
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  };
}

/** Whether it follows from its record, its run and the life of its process alone. */
function isLasting({ status, run, startedAt, exit }: ContainerInfo): boolean {
  if (status === 'running') return run?.begun === true;
  if (run !== undefined) return false;
  return status === 'created' || (status === 'exited' && startedAt !== undefined && exit !== undefined);
}
