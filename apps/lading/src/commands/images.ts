// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { filterImages } from '../output/image-filter.ts';
import { imageHeaders, imageJson, imageRow } from '../output/image-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const listed = await withEngine(call, (engine) => engine.images.list());
  const newestFirst = listed.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const shown = filterImages(newestFirst, flags.strings('filter'), args[0]);
  const truncate = !flags.boolean('no-trunc');
  const noHeading = flags.boolean('noheading');
  const rows = shown.flatMap(({ image, names }) => names.map((name) => imageRow(image, name, { truncate })));
  const format = flags.string('format') ?? '';
  if (flags.boolean('quiet')) {
    await environment.stdout([...new Set(rows.map(({ ID }) => `${ID}\n`))].join(''));
  } else if (isJsonFormat(format)) {
    await environment.stdout(
      `${toJson(
        shown.map(({ image }) => imageJson(image)),
        4,
      )}\n`,
    );
  } else if (format !== '') {
    await environment.stdout(
      renderReport(format, rows, { name: 'images', headers: imageHeaders, noHeading }),
    );
  } else {
    const digests = flags.boolean('digests');
    const header = ['REPOSITORY', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE'];
    const cells = rows.map((r) => [
      r.Repository,
      r.Tag,
      ...(digests ? [r.Digest] : []),
      r.ID,
      r.Created,
      r.Size,
    ]);
    await environment.stdout(renderTable(cells, noHeading ? {} : { header }));
  }
  return 0;
}
