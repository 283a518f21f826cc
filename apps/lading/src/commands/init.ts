// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, namedContainers } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { environment, flags } = call;
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, () => true);
    return forEachName(call, names, async (name) => {
      try {
        await engine.containers.init(name, { signal: environment.signal });
      } catch (reason) {
        const isDone = hasCode(LadingError.from(reason), Code.FailedPrecondition);
        // Of all containers some run; they are named all the same, as with podman.
        if (!flags.boolean('all') || !isDone) throw reason;
      }
      return name;
    });
  });
}
