// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { renderTable, toJson } from '@lading/go-template';
import { containerEvent } from '../container/container-event.ts';
import { rootFolder } from '../container/root-folder.ts';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { argsOrLatest } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const all = flags.boolean('all');
  const format = flags.string('format') ?? '';
  if (format !== '' && format !== 'json')
    throw usageError(`unknown --format argument: ${JSON.stringify(format)}`);
  if (all && args.length > 0) throw usageError('--all and containers cannot be used together');
  if (all && flags.boolean('latest')) throw usageError('--all and --latest cannot be used together');
  return withEngine(call, async (engine) => {
    const names = all
      ? (await engine.containers.list({ all: true })).map(({ id }) => id)
      : await argsOrLatest(call, engine);
    if (names.length === 0 && !all) return list(call, engine, format === 'json');
    return forEachName(call, names, async (name) => {
      const container = await engine.containers.inspect(name);
      const { folder } = await rootFolder(engine, container);
      engine.tell(containerEvent('mount', container));
      return folder;
    });
  });
}

async function list({ environment, flags }: CommandCall, engine: Engine, json: boolean): Promise<number> {
  const mounted: { container: ContainerInfo; folder: string }[] = [];
  for (const container of await engine.containers.list({ all: true })) {
    const folder = await engine.store.containers.mountpoint(container.id);
    if (folder !== undefined) mounted.push({ container, folder });
  }
  if (json) {
    const items = mounted.map(({ container: { id, name }, folder }) => ({
      id,
      Names: [name],
      mountpoint: folder,
    }));
    await environment.stdout(`${toJson(items, 1)}\n`);
    return 0;
  }
  const cells = mounted.map(({ container: { id }, folder }) => [
    flags.boolean('no-trunc') ? id : id.slice(0, 12),
    folder,
  ]);
  if (cells.length > 0) await environment.stdout(renderTable(cells, {}));
  return 0;
}
