// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, humanDuration } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { renderReport, renderTable } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { stateName } from '../output/container-row.ts';
import { humanSize } from '../output/human-size.ts';
import { splitName } from '../output/image-row.ts';
import { isRunning } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const format = flags.string('format') ?? '';
  const text = await withEngine(call, async (engine) => {
    const used = await lookAt(engine, environment.signal);
    if (flags.boolean('verbose')) return details(used);
    const rows = totals(used);
    if (format !== '') return renderReport(format, rows, { name: 'df', headers, json: rows, jsonIndent: 1 });
    const cells = rows.map((r) => [r.Type, String(r.Total), String(r.Active), r.Size, r.Reclaimable]);
    return renderTable(cells, { header: ['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'] });
  });
  await environment.stdout(text);
  return 0;
}

const headers = {
  Type: 'TYPE',
  Total: 'TOTAL',
  Active: 'ACTIVE',
  Size: 'SIZE',
  Reclaimable: 'RECLAIMABLE',
};

type Used = Awaited<ReturnType<typeof lookAt>>;

async function lookAt({ containers, images, store }: Engine, signal: AbortSignal) {
  const [found, infos, usages] = await Promise.all([
    containers.list({ all: true }),
    images.list(),
    store.images.usage({ signal }),
  ]);
  const sizes = new Map(usages.map((usage) => [usage.id, usage]));
  return {
    images: infos.map((image) => ({
      image,
      usage: sizes.get(image.id) ?? { sizeBytes: 0, sharedBytes: 0, uniqueBytes: 0 },
      users: found.filter(({ imageId }) => imageId === image.id).length,
    })),
    containers: await Promise.all(
      found.map(async (container) => ({
        container,
        bytes: (await store.containers.size(container.id, { signal })).writableBytes,
      })),
    ),
    imageBytes: (await store.layers.list()).reduce((sum, { diffSize = 0 }) => sum + diffSize, 0),
  };
}

function totals({ images, containers, imageBytes }: Used) {
  const idle = containers.filter(({ container }) => !isRunning(container));
  const unused = images.filter(({ users }) => users === 0);
  const ownBytes = sum(containers.map(({ bytes }) => bytes));
  const row = (Type: string, Total: number, Active: number, size: number, free: number) => {
    const share = size === 0 ? 0 : Math.round((free / size) * 100);
    return { Type, Total, Active, Size: humanSize(size), Reclaimable: `${humanSize(free)} (${share}%)` };
  };
  return [
    row(
      'Images',
      images.length,
      images.length - unused.length,
      imageBytes,
      sum(unused.map(({ usage }) => usage.uniqueBytes)),
    ),
    row(
      'Containers',
      containers.length,
      containers.length - idle.length,
      ownBytes,
      sum(idle.map(({ bytes }) => bytes)),
    ),
  ];
}

function details({ images, containers }: Used): string {
  const since = (time: string): string => humanDuration(Date.now() - Date.parse(time));
  const imageRows = images.map(({ image, usage, users }) => {
    const { repository, tag } = splitName(image.names[0]);
    const sizes = [usage.sizeBytes, usage.sharedBytes, usage.uniqueBytes].map(humanSize);
    return [repository, tag, image.id.slice(0, 12), since(image.createdAt), ...sizes, String(users)];
  });
  const containerRows = containers.map(({ container, bytes }) => [
    ...[container.id.slice(0, 12), container.imageId.slice(0, 12), container.process.args.join(' ')],
    ...['0', humanSize(bytes), since(container.createdAt), stateName(container), container.name],
  ]);
  const imageHeader = 'REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS'.split(',');
  const containerHeader = 'CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES'.split(',');
  return [
    `Images space usage:\n\n${renderTable(imageRows, { header: imageHeader })}`,
    `Containers space usage:\n\n${renderTable(containerRows, { header: containerHeader })}`,
  ].join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
