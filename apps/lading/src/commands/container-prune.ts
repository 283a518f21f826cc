// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';
import { pruneContainers } from '../prune/prune-containers.ts';
import { parsePruneFilter } from '../prune/prune-filter.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const filter = parsePruneFilter(flags.strings('filter'));
  const warning = 'WARNING! This will remove all non running containers.';
  if (!flags.boolean('force') && !(await confirm(environment, warning))) return 0;
  return withEngine(call, async (engine) => {
    const { ids } = await pruneContainers(engine, filter, environment.signal);
    await environment.stdout(ids.map((id) => `${id}\n`).join(''));
    return 0;
  });
}
