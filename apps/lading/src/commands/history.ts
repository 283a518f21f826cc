// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, formatBytes, humanAge } from '@lading/command-line';
import type { Engine, ImageDetails } from '@lading/engine';
import { isJsonFormat, renderReport } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';

const headers: Readonly<Record<string, string>> = {
  ID: 'ID',
  Created: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  CreatedSince: 'CREATED SINCE',
  Size: 'SIZE',
  Comment: 'COMMENT',
  Tags: 'TAGS',
};

/** A step of an image's history, the last one first. */
interface Step {
  readonly id: string;
  readonly created: Date;
  readonly createdBy: string;
  readonly sizeBytes: number;
  readonly comment: string;
}

const longestText = 45;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [ref = ''] = args;
  const steps = await withEngine(call, async (engine) => {
    const { image } = await findStored(engine, ref);
    return stepsOf(engine, await engine.images.inspect(image.id));
  });
  const format = flags.string('format') ?? '';
  const truncate = !flags.boolean('no-trunc');
  if (isJsonFormat(format)) {
    await environment.stdout(`${JSON.stringify(steps.map(jsonOf))}\n`);
    return 0;
  }
  const human = flags.boolean('human');
  const rows = steps.map((step) => rowOf(step, truncate, human));
  if (flags.boolean('quiet')) {
    await environment.stdout(rows.map(({ ID }) => `${ID}\n`).join(''));
    return 0;
  }
  const report =
    format === '' ? 'table {{.ID}}\t{{.Created}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}' : format;
  await environment.stdout(renderReport(report, rows, { name: 'history', headers }));
  return 0;
}

async function stepsOf({ store }: Engine, image: ImageDetails): Promise<readonly Step[]> {
  const layers = [...image.layers];
  const steps: Step[] = [];
  for (const entry of image.config.history ?? []) {
    const layer = entry.empty_layer === true ? undefined : layers.shift();
    const sizeBytes = layer === undefined ? 0 : ((await store.layers.get(layer))?.diffSize ?? 0);
    steps.unshift({
      id: '<missing>',
      created: new Date(entry.created ?? 0),
      createdBy: entry.created_by ?? '',
      sizeBytes,
      comment: entry.comment ?? '',
    });
  }
  const [top, ...rest] = steps;
  return top === undefined ? [] : [{ ...top, id: image.id }, ...rest];
}

function rowOf({ id, created, createdBy, sizeBytes, comment }: Step, truncate: boolean, human: boolean) {
  const isLong = truncate && createdBy.length > longestText;
  const seconds = `${created.toISOString().slice(0, 19)}Z`;
  return {
    ID: truncate && id !== '<missing>' ? id.slice(0, 12) : id,
    Created: human ? humanAge(created) : seconds,
    CreatedAt: created,
    CreatedBy: isLong ? `${createdBy.slice(0, longestText - 3)}...` : createdBy,
    CreatedSince: humanAge(created),
    Size: formatBytes(sizeBytes),
    Comment: comment,
    Tags: [],
  };
}

function jsonOf({ id, created, createdBy, sizeBytes, comment }: Step) {
  const seconds = `${created.toISOString().slice(0, 19)}Z`;
  return {
    id,
    created: created.toISOString().replace(/\.000Z$/, 'Z'),
    CreatedBy: createdBy,
    size: sizeBytes,
    ...(comment === '' ? {} : { comment }),
    Created: seconds,
  };
}
