// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [from = '', to = ''] = call.args;
  await withEngine(call, async (engine) => {
    const { id } = await engine.containers.inspect(from);
    try {
      await engine.containers.rename(id, to);
    } catch (cause) {
      const error = LadingError.from(cause);
      if (error.reason !== 'NAME_IN_USE') throw error;
      const problem = `renaming container ${id}: name ${to} already in use`;
      throw new LadingError(
        error.code,
        `${problem}, cannot rename container ${id}: container already exists`,
        {
          cause,
        },
      );
    }
  });
  return 0;
}
