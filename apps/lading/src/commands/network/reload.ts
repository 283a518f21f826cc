// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { checkNames, namedContainers } from '../../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const all = call.flags.boolean('all');
  if (all && call.args.length > 0) throw usageError('no arguments are needed with --all');
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, () => true);
    return forEachName(call, names, async (name) => {
      try {
        await engine.containers.reconnect(name);
      } catch (reason) {
        // Of all containers some have no network to be set up.
        if (all && hasCode(LadingError.from(reason), Code.FailedPrecondition)) return undefined;
        throw reason;
      }
      return (await engine.containers.inspect(name)).id;
    });
  });
}
