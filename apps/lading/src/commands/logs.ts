// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { logPrinter } from '../output/print-logs.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const latest = flags.boolean('latest');
  if (latest && args.length > 0) throw usageError('--latest and containers cannot be used together');
  if (!latest && args.length === 0) throw usageError('you must provide at least one name or id');
  const print = logPrinter(call);
  return withEngine(call, async ({ containers }) => {
    const chosen = latest
      ? (await containers.list({ all: true })).slice(0, 1)
      : await Promise.all(args.map((name) => containers.inspect(name)));
    await print(containers, chosen);
    return 0;
  });
}
