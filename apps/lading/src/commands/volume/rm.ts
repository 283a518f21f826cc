// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';

const exitCodes = { [Code.NotFound]: 1, [Code.FailedPrecondition]: 2 };

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const all = flags.boolean('all');
  if (all === args.length > 0) throw usageError('choose either one or more volumes or all');
  const force = flags.boolean('force');
  if (flags.given('time') && !force)
    throw usageError('--force option must be specified to use the --time option');
  const timeoutMs = (flags.int('time') ?? 10) * 1000;
  return withEngine(call, async (engine) => {
    const names = all ? (await engine.volumes.list()).map(({ name }) => name) : args;
    const remove = async (name: string): Promise<string> =>
      (await engine.volumes.remove(name, { force, timeoutMs, signal: environment.signal })).name;
    return forEachName(call, names, remove, { exitCodes, ...(force && { ignore: [Code.NotFound] }) });
  });
}
