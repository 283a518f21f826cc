// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { stateName } from '../output/container-row.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, isRunning, namedContainers } from '../output/names.ts';
import { parseSignal } from '../output/signal-name.ts';

export async function run(call: CommandCall): Promise<number> {
  const signal = parseSignal(call.flags.string('signal') ?? 'KILL');
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, isRunning);
    return forEachName(call, names, async (name) => {
      const container = await engine.containers.inspect(name);
      if (!isRunning(container)) {
        throw new LadingError(
          Code.FailedPrecondition,
          `can only kill running containers. ${container.id} is in state ${stateName(container)}: container state improper`,
        );
      }
      await engine.containers.kill(name, signal);
      return name;
    });
  });
}
