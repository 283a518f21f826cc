// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ImageInfo } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { imageFacts } from '../images/image-facts.ts';
import { filterImages } from '../output/image-filter.ts';
import { type ImageRow, imageHeaders, imageJson, imageRow } from '../output/image-row.ts';

type Order<T> = (one: T, other: T) => number;

const newestFirst: Order<ImageInfo> = (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const orders: ReadonlyMap<string, Order<ImageInfo>> = new Map<string, Order<ImageInfo>>([
  ['created', newestFirst],
  ['id', (a, b) => byText(a.id, b.id)],
  ['repository', () => 0],
  ['size', (a, b) => a.sizeBytes - b.sizeBytes],
  ['tag', () => 0],
]);

/** Of one image, each name has its place. */
const rowOrders: ReadonlyMap<string, Order<ImageRow>> = new Map<string, Order<ImageRow>>([
  ['repository', (a, b) => byText(a.Repository, b.Repository)],
  ['tag', (a, b) => byText(a.Tag, b.Tag)],
]);

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const sort = flags.string('sort') ?? '';
  const order = orders.get(sort);
  if (order === undefined) {
    throw usageError(
      `"${sort}" is not a valid field for sorting. Choose from: ${[...orders.keys()].join(', ')}`,
    );
  }
  const filters = flags.strings('filter');
  const format = flags.string('format') ?? '';
  const { listed, containersOf } = await withEngine(call, async (engine) => {
    const images = await engine.images.list();
    // Only templates and JSON tell how many containers an image has.
    const facts = await imageFacts(engine, images, filters, { countContainers: format !== '' });
    const wanted = filterImages(images, filters, args[0], facts);
    const hides = !flags.boolean('all') && !filters.some((filter) => filter.startsWith('intermediate='));
    return {
      listed: hides ? wanted.filter(({ image }) => !facts.intermediate.has(image.id)) : wanted,
      containersOf: ({ id }: ImageInfo): number => facts.containers.get(id) ?? 0,
    };
  });
  const shown = listed.toSorted((a, b) => order(a.image, b.image) || newestFirst(a.image, b.image));
  const truncate = !flags.boolean('no-trunc');
  const noHeading = flags.boolean('noheading');
  const rows = shown
    .flatMap(({ image, names }) =>
      names.map((name) => imageRow(image, name, { truncate, containers: containersOf(image) })),
    )
    .toSorted(rowOrders.get(sort) ?? (() => 0));
  if (flags.boolean('quiet')) {
    await environment.stdout([...new Set(rows.map(({ ID }) => `${ID}\n`))].join(''));
  } else if (isJsonFormat(format)) {
    await environment.stdout(
      `${toJson(
        shown.map(({ image }) => imageJson(image, containersOf(image))),
        4,
      )}\n`,
    );
  } else if (format !== '') {
    await environment.stdout(
      renderReport(format, rows, { name: 'images', headers: imageHeaders, noHeading }),
    );
  } else {
    const digests = flags.boolean('digests');
    const history = flags.boolean('history');
    const header = [
      ...['REPOSITORY', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE'],
      ...(history ? ['HISTORY'] : []),
    ];
    const cells = rows.map((r) => [
      r.Repository,
      r.Tag,
      ...(digests ? [r.Digest] : []),
      r.ID,
      r.Created,
      r.Size,
      ...(history ? [r.History] : []),
    ]);
    await environment.stdout(renderTable(cells, noHeading ? {} : { header }));
  }
  return 0;
}
