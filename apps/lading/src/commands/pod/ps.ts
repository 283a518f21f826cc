// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { filterPods } from '../../output/pod-filter.ts';
import { type PodWithContainers, podHeaders, podJson, podRow, podState } from '../../output/pod-row.ts';
import { allPods } from './named-pods.ts';

type Order = (one: PodWithContainers, other: PodWithContainers) => number;

const orders: ReadonlyMap<string, Order> = new Map<string, Order>([
  // The newest first, as with podman.
  ['created', ({ pod: one }, { pod: other }) => (one.createdAt < other.createdAt ? 1 : -1)],
  ['id', ({ pod: one }, { pod: other }) => (one.id < other.id ? -1 : 1)],
  ['name', ({ pod: one }, { pod: other }) => (one.name < other.name ? -1 : 1)],
  ['number', (one, other) => one.containers.length - other.containers.length],
  ['status', (one, other) => (podState(one) < podState(other) ? -1 : 1)],
]);

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const order = orders.get(flags.string('sort') ?? 'created');
  if (order === undefined) throw usageError('invalid sort: use created, id, name, number or status');
  const all = await withEngine(call, allPods);
  if (flags.boolean('latest') && all.length === 0) throw new LadingError(Code.NotFound, 'no such pod');
  const pods = flags.boolean('latest')
    ? all.slice(-1)
    : filterPods(all, flags.strings('filter')).toSorted(order);
  const rows = pods.map((pod) => podRow(pod, !flags.boolean('no-trunc')));
  const format = flags.string('format') ?? '';
  const noHeading = flags.boolean('noheading');
  if (flags.boolean('quiet')) await environment.stdout(rows.map(({ Id }) => `${Id}\n`).join(''));
  else if (isJsonFormat(format)) await environment.stdout(`${toJson(pods.map(podJson), 1)}\n`);
  else if (format !== '') {
    await environment.stdout(renderReport(format, rows, { name: 'pod ps', headers: podHeaders, noHeading }));
  } else {
    const columns = [
      ...(['Id', 'Name', 'Status', 'Created', 'InfraID'] as const),
      ...(flags.boolean('ns') ? (['Cgroup', 'Namespace'] as const) : []),
      ...(flags.boolean('ctr-ids') ? (['ContainerIds'] as const) : []),
      ...(flags.boolean('ctr-names') ? (['ContainerNames'] as const) : []),
      ...(flags.boolean('ctr-status') ? (['ContainerStatuses'] as const) : []),
      ...(flags.boolean('ctr-ids') || flags.boolean('ctr-names') || flags.boolean('ctr-status')
        ? []
        : (['NumberOfContainers'] as const)),
    ];
    const header = columns.map((name) => podHeaders[name] ?? name);
    const cells = rows.map((row) => columns.map((name) => String(row[name])));
    await environment.stdout(renderTable(cells, noHeading ? {} : { header }));
  }
  return 0;
}
