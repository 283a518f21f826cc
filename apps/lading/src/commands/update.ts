// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { readLimitFlags } from '../options/limits.ts';

export async function run(call: CommandCall): Promise<number> {
  const limits = readLimitFlags(call.flags);
  const [name = ''] = call.args;
  return withEngine(call, async (engine) => {
    const { id } = await engine.containers.inspect(name);
    await engine.containers.update(id, limits);
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}
