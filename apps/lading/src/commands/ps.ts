// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { filterContainers } from '../output/container-filter.ts';
import { containerHeaders, containerJson, containerRow } from '../output/container-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const last = flags.boolean('latest') ? 1 : (flags.int('last') ?? -1);
  const filters = flags.strings('filter');
  const all = flags.boolean('all') || last >= 0 || filters.some((text) => /^(status|exited)=/.test(text));
  const listed = await withEngine(call, async (engine) =>
    filterContainers(await engine.containers.list({ all }), filters),
  );
  const sorted = listed.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const containers = last >= 0 ? sorted.toReversed().slice(0, last) : sorted;
  const truncate = !flags.boolean('no-trunc');
  const rows = containers.map((container) => containerRow(container, { truncate }));
  const noHeading = flags.boolean('noheading');
  const format = flags.string('format') ?? '';
  if (flags.boolean('quiet')) await environment.stdout(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (isJsonFormat(format)) await environment.stdout(`${toJson(containers.map(containerJson), 2)}\n`);
  else if (format !== '') {
    const options = { name: 'ps', headers: containerHeaders, noHeading };
    await environment.stdout(renderReport(format, rows, options));
  } else {
    const header = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];
    const cells = rows.map((r) => [r.ID, r.Image, r.Command, r.CreatedHuman, r.Status, r.Ports, r.Names]);
    await environment.stdout(renderTable(cells, noHeading ? {} : { header }));
  }
  return 0;
}
