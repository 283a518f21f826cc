// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';
import { parsePruneFilter } from '../prune/prune-filter.ts';
import { pruneImages } from '../prune/prune-images.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const all = flags.boolean('all');
  const filter = parsePruneFilter(flags.strings('filter'));
  const what = all ? 'all images without at least one container associated with them' : 'all dangling images';
  if (!flags.boolean('force') && !(await confirm(environment, `WARNING! This command removes ${what}.`))) {
    return 0;
  }
  return withEngine(call, async (engine) => {
    const { ids } = await pruneImages(engine, filter, {
      all,
      external: flags.boolean('external'),
      signal: environment.signal,
    });
    await environment.stdout(ids.map((id) => `${id}\n`).join(''));
    return 0;
  });
}
