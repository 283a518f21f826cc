// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { type ContainerRow, containerHeaders, containerJson } from '../output/container-row.ts';
import { psTable } from '../output/ps-table.ts';
import { sortOrders } from '../output/sort-orders.ts';
import { externalContainers, externalJson } from '../ps/external.ts';
import { listContainers } from '../ps/list.ts';
import { namespacesJson } from '../ps/namespaces.ts';

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
  const listed = await listContainers(call, engine);
  const external = flags.boolean('external')
    ? await externalContainers(engine, flags.boolean('no-trunc'))
    : [];
  const noHeading = flags.boolean('noheading');
  const format = flags.string('format') ?? '';
  if (isJsonFormat(format)) {
    const json = listed.map(({ container, row, podName, size }) => ({
      ...containerJson(container),
      Namespaces: namespacesJson(row.Namespaces),
      Size: size === undefined ? null : { rootFsSize: size.wholeBytes, rwSize: size.bytes },
      PodName: flags.boolean('pod') ? podName : '',
    }));
    return `${toJson([...json, ...external.map(externalJson)], 2)}\n`;
  }
  const rows = [
    ...listed.map(({ row, podName, size }) => ({ ...row, PodName: podName, Size: size?.text ?? '' })),
    ...external.map((row) => ({ ...row, PodName: '', Size: '' })),
  ];
  if (format !== '') {
    const headers = { ...containerHeaders, PodName: 'PODNAME', Size: 'SIZE' };
    return renderReport(format, rows.map(withLabel), { name: 'ps', headers, noHeading });
  }
  if (flags.boolean('quiet')) return rows.map(({ ID }) => `${ID}\n`).join('');
  const { header, cells } = psTable(call, [
    ...listed,
    ...external.map((row) => ({ row, podName: '', size: undefined })),
  ]);
  return renderTable(cells, noHeading ? {} : { header });
}

/** `{{.Label "key"}}`; no field, so that the row as a whole prints as before. */
function withLabel<T extends Pick<ContainerRow, 'Labels'>>(row: T): T {
  const value = (key: unknown): string => row.Labels.get(String(key)) ?? '';
  return Object.defineProperty(row, 'Label', { value, enumerable: false });
}
