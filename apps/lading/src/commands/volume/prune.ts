// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { confirm } from '../../output/confirm.ts';
import { idleVolumes, pruneVolumes } from '../../prune/prune-volumes.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const filters = flags.strings('filter');
  return withEngine(call, async (engine) => {
    if (!flags.boolean('force')) {
      const warning = 'WARNING! This will remove all volumes not used by at least one container.';
      const names = (await idleVolumes(engine, filters)).map(({ name }) => name);
      if (names.length === 0) {
        await environment.stdout('No dangling volumes found\n');
        return 0;
      }
      const list = `The following volumes will be removed:\n${names.join('\n')}`;
      if (!(await confirm(environment, `${warning} ${list}`))) return 0;
    }
    for (const name of await pruneVolumes(engine, filters)) await environment.stdout(`${name}\n`);
    return 0;
  });
}
