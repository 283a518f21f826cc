// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, hasCode } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { createList, editList, findList, type ImageList } from '../../lists/image-list.ts';
import { additions } from './add.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = '', ...images] = args;
  const { id } = await withEngine(call, async (engine) => {
    // Before the list is made, which stays.
    const edit = await additions(call, engine, images, { platform: {} });
    const list = flags.boolean('amend') ? await amended(engine, name) : await createList(engine, name);
    if (images.length > 0) await editList(engine, list, edit, environment.signal);
    return list;
  });
  await environment.stdout(`${id}\n`);
  return 0;
}

/** The list of that name, or a new one. */
async function amended(engine: Engine, name: string): Promise<ImageList> {
  try {
    return await findList(engine, name);
  } catch (error) {
    // An image of that name is refused by the words that tell of it.
    if (hasCode(error, Code.NotFound) || hasCode(error, Code.FailedPrecondition)) {
      return createList(engine, name);
    }
    throw error;
  }
}
