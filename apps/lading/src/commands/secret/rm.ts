// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const all = flags.boolean('all');
  if (all && args.length > 0) throw usageError('`lading secret rm` takes no arguments with the --all flag');
  if (!all && args.length === 0)
    throw usageError('`lading secret rm` requires one argument, or the --all flag');
  return withEngine(call, async ({ secrets }) => {
    const names = all ? (await secrets.list()).map(({ id }) => id) : args;
    const ignore = flags.boolean('ignore') ? [Code.NotFound] : [];
    return forEachName(call, names, async (name) => (await secrets.remove(name)).id, { ignore });
  });
}
