// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { withoutEntry } from '../../lists/edit-list.ts';
import { editList, findList } from '../../lists/image-list.ts';
import { readDigest } from '../../options/list-flags.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, environment } = call;
  const [name = '', image = ''] = args;
  const { id } = await withEngine(call, async (engine) => {
    try {
      const list = await findList(engine, name);
      const digest = readDigest(image);
      const edit = (before: typeof list): typeof list => ({
        ...before,
        index: withoutEntry(before.index, digest),
        places: new Map([...before.places].filter(([key]) => key !== digest)),
      });
      await editList(engine, list, edit, environment.signal);
      return list;
    } catch (error) {
      const { code, message } = LadingError.from(error);
      throw new LadingError(code, `removing from manifest list ${name}: ${message}`, { cause: error });
    }
  });
  await environment.stdout(`${id}\n`);
  return 0;
}
