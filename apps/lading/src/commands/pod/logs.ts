// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { logPrinter } from '../../output/print-logs.ts';
import { latestPod } from './latest-pod.ts';
import { findPod } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const latest = flags.boolean('latest');
  if (latest && args.length > 0) throw usageError('--latest and pods cannot be used together');
  if (!latest && args.length === 0) throw usageError('you must provide a pod name or id');
  const print = logPrinter(call);
  return withEngine(call, async (engine) => {
    const { containers, pod } = await findPod(engine, latest ? await latestPod(engine) : (args[0] ?? ''));
    const wanted = flags.string('container') || undefined;
    const oldestFirst = containers.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    const chosen =
      wanted === undefined
        ? oldestFirst
        : oldestFirst.filter(({ id, name }) => name === wanted || id.startsWith(wanted));
    if (wanted !== undefined && chosen.length === 0) {
      throw usageError(`container ${wanted} is not in pod ${pod.name}`);
    }
    await print(engine.containers, chosen);
    return 0;
  });
}
