// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { withEngine } from '../../engine.ts';
import { changed, type EntryChanges, withEntries } from '../../lists/edit-list.ts';
import { editList, findList, type ImageList } from '../../lists/image-list.ts';
import { type ListedImages, listedImages } from '../../lists/listed-images.ts';
import { readEntryChanges } from '../../options/list-flags.ts';
import { transportContext } from '../../options/registry-context.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = '', ...images] = args;
  const changes = readEntryChanges(flags);
  const { id } = await withEngine(call, async (engine) => {
    const list = await findList(engine, name);
    const edit = await additions(call, engine, images, changes);
    await editList(engine, list, edit, environment.signal);
    return list;
  });
  await environment.stdout(`${id}\n`);
  return 0;
}

/** Reads what a list says of the images at these places; gives the edit that puts all of them into one. */
export async function additions(
  call: CommandCall,
  engine: Engine,
  images: readonly string[],
  changes: EntryChanges,
): Promise<(list: ImageList) => ImageList> {
  const { flags, environment } = call;
  const { architecture, os, variant } = changes.platform;
  const platform = Object.fromEntries(
    Object.entries({ architecture, os, variant }).filter(([, value]) => value !== undefined),
  );
  const options = { all: flags.boolean('all'), platform, signal: environment.signal };
  const context = await transportContext(call, engine.store);
  const found: ListedImages[] = [];
  for (const image of images) found.push(await listedImages(image, context, engine.store, options));
  const entries = found.flatMap((one) => one.entries.map((entry) => changed(entry, changes)));
  const places = found.flatMap((one) => one.entries.map(({ digest }) => [digest, one.place] as const));
  return (list) => ({
    ...list,
    index: withEntries(list.index, entries),
    places: new Map([...list.places, ...places]),
  });
}
