// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, namedContainers } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, ({ status }) => status === 'running');
    return forEachName(call, names, async (name) => {
      await engine.containers.pause(name);
      return name;
    });
  });
}
