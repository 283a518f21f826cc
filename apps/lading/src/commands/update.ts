// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { readChangedLimits } from '../options/limits.ts';
import { withSharedFlags } from '../options/shared-flags.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags } = withSharedFlags(call);
  const [name = ''] = call.args;
  return withEngine(call, async (engine) => {
    const { id, options } = await engine.containers.inspect(name);
    await engine.containers.update(id, await readChangedLimits(flags, options.resources));
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}
