// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { renderTable } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { isRunning } from '../../output/names.ts';
import { findDescriptors, usualColumns } from '../../top/descriptors.ts';
import { processTable } from '../../top/process-table.ts';
import { latestPod } from './latest-pod.ts';
import { findPod } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const latest = flags.boolean('latest');
  if (!latest && args.length === 0) throw usageError('you must provide the name or id of a running pod');
  const words = latest ? args : args.slice(1);
  const columns = findDescriptors(words.length === 0 ? usualColumns : words);
  if (columns === undefined) throw usageError(`${words.join(' ')}: unknown descriptor`);
  return withEngine(call, async (engine) => {
    const found = await findPod(engine, latest ? await latestPod(engine) : (args[0] ?? ''));
    const ids = found.containers.filter(isRunning).map(({ id }) => id);
    if (ids.length === 0) return 0;
    const rows = await processTable(engine, ids, columns);
    await environment.stdout(renderTable(rows, { header: columns.map(({ header }) => header) }));
    return 0;
  });
}
