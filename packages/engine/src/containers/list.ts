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

  async function again(stored: StoredContainer, run: unknown): Promise<ContainerInfo | undefined> {
    const info = told.get(stored);
    if (info === undefined || info.run !== run) return undefined;
    if (info.run !== undefined && !stillLives(info.run)) return undefined;
    if (info.healthCheck && (await readHealth(context, info)) !== info.health) return undefined;
    return info;
  }

  async function anew(stored: StoredContainer, run: unknown, options: ListOptions): Promise<ContainerInfo> {
    const info = await describe(context, joinRun(stored, run), options);
    if (options.pausedAsRunning && isLasting(info)) told.set(stored, info);
    return info;
  }

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
      chosen.map(async (one) => {
        const run = runs.get(one.id);
        return (options.pausedAsRunning && (await again(one, run))) || anew(one, run, options);
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
