// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { findList } from '../../lists/image-list.ts';
import { forEachName } from '../../output/for-each.ts';
import { removedLines } from '../../output/removed-lines.ts';

export async function run(call: CommandCall): Promise<number> {
  return withEngine(call, (engine) =>
    forEachName(
      call,
      call.args,
      async (name) => {
        await findList(engine, name);
        return removedLines(await engine.images.remove(name, { signal: call.environment.signal }));
      },
      { exitCodes: { [Code.NotFound]: 1 } },
    ),
  );
}
