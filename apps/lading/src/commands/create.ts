// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { prepareContainer } from '../container/prepare.ts';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  return withEngine(call, async (engine) => {
    const { options, cidFile } = await prepareContainer(call, engine);
    const { id } = await engine.containers.create(options, { signal: call.environment.signal });
    await cidFile.write(id);
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}
