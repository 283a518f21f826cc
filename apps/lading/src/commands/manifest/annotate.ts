// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { withChanges } from '../../lists/edit-list.ts';
import { editList, findList } from '../../lists/image-list.ts';
import { readDigest, readEntryChanges } from '../../options/list-flags.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = '', image = ''] = args;
  const changes = readEntryChanges(flags);
  const { id } = await withEngine(call, async (engine) => {
    const list = await findList(engine, name);
    const digest = readDigest(image);
    const edit = (before: typeof list): typeof list => ({
      ...before,
      index: withChanges(before.index, digest, changes),
    });
    await editList(engine, list, edit, environment.signal);
    return list;
  });
  await environment.stdout(`${id}\n`);
  return 0;
}
