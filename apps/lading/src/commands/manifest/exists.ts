// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { findList } from '../../lists/image-list.ts';

export async function run(call: CommandCall): Promise<number> {
  const [name = ''] = call.args;
  return withEngine(call, async (engine) => {
    try {
      await findList(engine, name);
      return 0;
    } catch (error) {
      if (hasCode(error, Code.NotFound)) return 1;
      throw error;
    }
  });
}
