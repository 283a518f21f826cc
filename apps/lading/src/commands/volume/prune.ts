// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { confirm } from '../../output/confirm.ts';
import { forEachName } from '../../output/for-each.ts';
import { filterVolumes } from '../../output/volume-filter.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  return withEngine(call, async (engine) => {
    const filters = ['dangling=true', ...flags.strings('filter')];
    const names = (await filterVolumes(engine, await engine.volumes.list(), filters)).map(({ name }) => name);
    if (!flags.boolean('force')) {
      const warning = 'WARNING! This will remove all volumes not used by at least one container.';
      if (names.length === 0) {
        await environment.stdout('No dangling volumes found\n');
        return 0;
      }
      const list = `The following volumes will be removed:\n${names.join('\n')}`;
      if (!(await confirm(environment, `${warning} ${list}`))) return 0;
    }
    const remove = async (name: string): Promise<string> => (await engine.volumes.remove(name)).name;
    // Another one removed it, or a container has come to use it.
    return forEachName(call, names, remove, { ignore: [Code.NotFound, Code.FailedPrecondition] });
  });
}
