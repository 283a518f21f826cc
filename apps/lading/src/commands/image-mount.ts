// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine, ImageInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';

interface MountedImage {
  readonly image: ImageInfo;
  readonly folder: string;
}

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const format = flags.string('format') ?? '';
  if (format !== '' && format !== 'json')
    throw usageError(`unknown --format argument: ${JSON.stringify(format)}`);
  refuseNamesWithAll(call);
  return withEngine(call, async (engine) => {
    const { images } = engine.store;
    if (!flags.boolean('all') && args.length === 0) {
      await print(call, await mountedImages(engine), { json: format === 'json', alone: false });
      return 0;
    }
    const mounted: MountedImage[] = [];
    for (const image of await wantedImages(call, engine)) {
      mounted.push({ image, folder: await images.mount(image.id) });
      engine.tell({ type: 'image', action: 'mount', id: image.id });
    }
    await print(call, mounted, { json: format === 'json', alone: mounted.length === 1 });
    return 0;
  });
}

export async function runUnmount(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  refuseNamesWithAll(call);
  const all = flags.boolean('all');
  if (!all && args.length === 0) throw usageError('image name or ID must be specified');
  return withEngine(call, async (engine) => {
    const { images } = engine.store;
    for (const { id } of all ? await engine.images.list() : await wantedImages(call, engine)) {
      if ((await images.mountpoint(id)) === undefined) continue;
      await images.unmount(id, { force: flags.boolean('force') });
      engine.tell({ type: 'image', action: 'unmount', id });
      await environment.stdout(`${id}\n`);
    }
    return 0;
  });
}

function refuseNamesWithAll({ args, flags }: CommandCall): void {
  if (flags.boolean('all') && args.length > 0)
    throw usageError('when using the --all switch, you may not pass any image names or IDs');
}

/** All of them are looked for before anything is done with the first. @throws NotFound */
async function wantedImages({ args, flags }: CommandCall, engine: Engine): Promise<readonly ImageInfo[]> {
  if (flags.boolean('all')) return (await engine.images.list()).filter(({ isList }) => !isList);
  const found: ImageInfo[] = [];
  for (const name of args) {
    const image = await engine.images.find(name);
    if (image === undefined) throw new LadingError(Code.NotFound, `${name}: image not known`);
    found.push(image);
  }
  return found;
}

async function mountedImages({ images, store }: Engine): Promise<readonly MountedImage[]> {
  const mounted: MountedImage[] = [];
  for (const image of await images.list()) {
    const folder = await store.images.mountpoint(image.id);
    if (folder !== undefined) mounted.push({ image, folder });
  }
  return mounted;
}

async function print(
  { environment }: CommandCall,
  mounted: readonly MountedImage[],
  { json, alone }: { readonly json: boolean; readonly alone: boolean },
): Promise<void> {
  if (json) {
    const items = mounted.map(({ image: { id, digest, names }, folder }) => ({
      id,
      // podman's name for the digests.
      Names: digest === undefined ? [] : [digest],
      Repositories: names,
      mountpoint: folder,
    }));
    await environment.stdout(`${toJson(items, 1)}\n`);
  } else if (alone) {
    for (const { folder } of mounted) await environment.stdout(`${folder}\n`);
  } else if (mounted.length > 0) {
    const cells = mounted.map(({ image: { id, names }, folder }) => [names[0] ?? id, folder]);
    await environment.stdout(renderTable(cells, {}));
  }
}
