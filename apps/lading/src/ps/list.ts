// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { filterContainers } from '../output/container-filter.ts';
import { containerRow } from '../output/container-row.ts';
import { isRunning } from '../output/names.ts';
import { type ListedRow, sizeOf } from '../output/ps-table.ts';
import { namespacesOf, noNamespaces } from './namespaces.ts';

export interface ListedContainer extends ListedRow {
  readonly container: ContainerInfo;
}

/** The containers that `ps` shows, in its order. */
export async function listContainers(
  { flags }: CommandCall,
  engine: Engine,
): Promise<readonly ListedContainer[]> {
  const last = flags.boolean('latest') ? 1 : (flags.int('last') ?? -1);
  const filters = flags.strings('filter');
  const all = flags.boolean('all') || last >= 0 || filters.some((text) => /^(status|exited)=/.test(text));
  const everyone = await engine.containers.list({ all: true });
  const wantsPods = filters.some((text) => text.startsWith('pod='));
  const inPods = everyone.some(({ podId }) => podId !== undefined);
  const pods = wantsPods || inPods ? await engine.pods.list() : [];
  const chosen = filterContainers(all ? everyone : everyone.filter(isRunning), filters, {
    all: everyone,
    pods: new Map(pods.map(({ id, name }) => [name, id])),
  });
  const newest =
    last > 0 ? chosen.toSorted((a, b) => compare(b.createdAt, a.createdAt)).slice(0, last) : chosen;
  const listed = await Promise.all(
    newest.map(async (container) => ({
      container,
      row: containerRow(container, {
        truncate: !flags.boolean('no-trunc'),
        namespaces: flags.boolean('ns') ? await namespacesOf(container.pid) : noNamespaces,
      }),
      podName: pods.find(({ id }) => id === container.podId)?.name ?? '',
      size: flags.boolean('size') ? await sizeOf(engine, container) : undefined,
    })),
  );
  return listed.toSorted(order(flags.string('sort') ?? ''));
}

function order(by: string): (a: ListedContainer, b: ListedContainer) => number {
  const key = keys[by] ?? (({ container }) => container.createdAt);
  return (a, b) => compare(key(a), key(b)) || compare(a.container.createdAt, b.container.createdAt);
}

const keys: Readonly<Record<string, (one: ListedContainer) => string | number>> = {
  command: ({ container }) => container.process.args[0] ?? '',
  id: ({ container }) => container.id,
  image: ({ container }) => container.imageName,
  names: ({ container }) => container.name,
  // The one that started last is first.
  runningfor: ({ container }) => -startOf(container),
  size: ({ size }) => size?.bytes ?? 0,
  status: ({ row }) => row.State,
};

function startOf({ startedAt }: ContainerInfo): number {
  return startedAt === undefined ? 0 : Date.parse(startedAt);
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
