// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { imageInUse } from '../output/error-message.ts';
import { forEachName } from '../output/for-each.ts';
import { removedLines } from '../output/removed-lines.ts';

/** podman's codes: 1 when there is no such image, 2 when a container uses it. */
const exitCodes = { [Code.NotFound]: 1, [Code.FailedPrecondition]: 2 };

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const all = flags.boolean('all');
  const force = flags.boolean('force');
  if (!all && args.length === 0) throw usageError('image name or ID must be specified');
  if (all && args.length > 0)
    throw usageError('when using the --all switch, you may not pass any images names or IDs');
  const ignore = force || flags.boolean('ignore') ? { ignore: [Code.NotFound] } : {};
  return withEngine(call, async (engine) => {
    const names = all ? await namesOfAll(engine) : args;
    const remove = async (name: string): Promise<string | undefined> => {
      if (all && !force) await refuseUsed(engine, name);
      const options = {
        force: force || all,
        // With --all they are removed by themselves.
        pruneParents: !all && !flags.boolean('no-prune'),
        signal: environment.signal,
      };
      return removedLines(await engine.images.remove(name, options));
    };
    return forEachName(call, names, remove, { exitCodes, ...ignore });
  });
}

async function namesOfAll(engine: Engine): Promise<readonly string[]> {
  return (await engine.images.list()).map(({ id }) => id);
}

/** With --all an image goes with all its names, which takes force: its containers are not meant by that. */
async function refuseUsed(engine: Engine, id: string): Promise<void> {
  const user = (await engine.containers.list({ all: true })).find(({ imageId }) => imageId === id);
  if (user !== undefined) throw new LadingError(Code.FailedPrecondition, imageInUse(user.id));
}
