// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';

export async function run(call: CommandCall): Promise<number> {
  return withEngine(call, (engine) =>
    forEachName(call, call.args, async (name) => {
      const { exitCode } = await engine.containers.wait(name, { signal: call.environment.signal });
      return String(exitCode);
    }),
  );
}
