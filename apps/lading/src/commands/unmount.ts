// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { containerEvent } from '../container/container-event.ts';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { argsOrLatest, isRunning } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const all = flags.boolean('all');
  const force = flags.boolean('force');
  const latest = flags.boolean('latest');
  if (all && latest) throw usageError('--all and --latest cannot be used together');
  if (!all && !latest && args.length === 0) throw usageError('you must provide at least one name or id');
  if (all && args.length > 0) throw usageError('--all and containers cannot be used together');
  return withEngine(call, async (engine) => {
    const { containers, store } = engine;
    const names = all
      ? (await containers.list({ all: true })).filter((info) => !isRunning(info)).map(({ id }) => id)
      : await argsOrLatest(call, engine);
    return forEachName(call, names, async (name) => {
      const container = await containers.inspect(name);
      // What a running container has mounted is its own.
      if (isRunning(container)) {
        throw new LadingError(
          Code.FailedPrecondition,
          `container ${name} runs: stop it before it is unmounted`,
        );
      }
      await store.containers.unmount(container.id, { force });
      engine.tell(containerEvent('unmount', container));
      return all ? container.id : name;
    });
  });
}
