// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { filterVolumes } from '../../output/volume-filter.ts';
import { detailsOf, volumeHeaders } from '../../output/volume-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const rows = await withEngine(call, async (engine) =>
    detailsOf(engine, await filterVolumes(engine, await engine.volumes.list(), flags.strings('filter'))),
  );
  const noHeading = flags.boolean('noheading');
  const format = flags.string('format') ?? '';
  if (flags.boolean('quiet')) await environment.stdout(rows.map(({ Name }) => `${Name}\n`).join(''));
  else if (isJsonFormat(format)) await environment.stdout(`${toJson(rows, 4)}\n`);
  else if (format !== '') {
    await environment.stdout(
      renderReport(format, rows, { name: 'volume ls', headers: volumeHeaders, noHeading }),
    );
  } else if (rows.length > 0) {
    const header = ['DRIVER', 'VOLUME NAME'];
    const cells = rows.map(({ Driver, Name }) => [Driver, Name]);
    await environment.stdout(renderTable(cells, noHeading ? {} : { header }));
  }
  return 0;
}
