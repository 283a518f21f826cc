// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { filterContainers } from '../output/container-filter.ts';
import { containerHeaders, containerJson, containerRow } from '../output/container-row.ts';
import { type ListedContainer, namespacesOf, psTable, sizeOf } from '../output/ps-table.ts';
import { sortOrders } from '../output/sort-orders.ts';

export async function run(call: CommandCall): Promise<number> {
  checkFlags(call);
  const { flags, environment } = call;
  const watchMs = (flags.number('watch') ?? 0) * 1000;
  return withEngine(call, async (engine) => {
    for (;;) {
      const text = await report(call, engine);
      // A terminal shows one list, the newest; elsewhere they follow each other.
      const clear = watchMs > 0 && environment.stdoutIsTerminal ? '\x1b[2J\x1b[H' : '';
      await environment.stdout(`${clear}${text}`);
      if (watchMs === 0) return 0;
      await sleep(watchMs, undefined, { signal: environment.signal });
    }
  });
}

function checkFlags({ flags }: CommandCall): void {
  const sort = flags.string('sort') ?? '';
  if (!sortOrders.includes(sort)) {
    throw usageError(
      `invalid argument ${JSON.stringify(sort)} for "--sort" flag: ${JSON.stringify(sort)} is not a valid value.  Choose from: "${sortOrders.join(', ')}"`,
    );
  }
  const [ns, size] = [flags.boolean('ns'), flags.boolean('size')];
  if (flags.boolean('latest') && (flags.int('last') ?? -1) >= 0) {
    throw usageError('last and latest are mutually exclusive');
  }
  if (flags.boolean('quiet') && (ns || size)) throw usageError('quiet conflicts with size and namespace');
  if (ns && size) throw usageError('size and namespace options conflict');
}

async function report(call: CommandCall, engine: Engine): Promise<string> {
  const { flags } = call;
  const listed = await list(call, engine);
  const noHeading = flags.boolean('noheading');
  const format = flags.string('format') ?? '';
  if (flags.boolean('quiet')) return listed.map(({ row }) => `${row.ID}\n`).join('');
  if (isJsonFormat(format)) {
    const json = listed.map(({ container, podName }) => ({ ...containerJson(container), PodName: podName }));
    return `${toJson(json, 2)}\n`;
  }
  if (format !== '') {
    const rows = listed.map(({ row, podName, size }) => ({
      ...row,
      PodName: podName,
      Size: size?.text ?? '',
    }));
    const headers = { ...containerHeaders, PodName: 'PODNAME', Size: 'SIZE' };
    return renderReport(format, rows, { name: 'ps', headers, noHeading });
  }
  const { header, cells } = psTable(call, listed);
  return renderTable(cells, noHeading ? {} : { header });
}

async function list({ flags }: CommandCall, engine: Engine): Promise<readonly ListedContainer[]> {
  const last = flags.boolean('latest') ? 1 : (flags.int('last') ?? -1);
  const filters = flags.strings('filter');
  const all = flags.boolean('all') || last >= 0 || filters.some((text) => /^(status|exited)=/.test(text));
  const truncate = !flags.boolean('no-trunc');
  const chosen = filterContainers(await engine.containers.list({ all }), filters);
  const newest =
    last >= 0 ? chosen.toSorted((a, b) => compare(b.createdAt, a.createdAt)).slice(0, last) : chosen;
  const inPods = newest.some(({ podId }) => podId !== undefined);
  const pods = inPods ? await engine.pods.list() : [];
  const listed = await Promise.all(
    newest.map(async (container) => ({
      container,
      row: containerRow(container, { truncate }),
      podName: pods.find(({ id }) => id === container.podId)?.name ?? '',
      size: flags.boolean('size') ? await sizeOf(engine, container) : undefined,
      namespaces: flags.boolean('ns') ? await namespacesOf(container.pid) : [],
    })),
  );
  // The newest first when only the last ones are asked for, as podman has it.
  if (last >= 0 && !flags.given('sort')) return listed;
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
