// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { confirm } from '../../output/confirm.ts';
import { podState } from '../../output/pod-row.ts';
import { allPods } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const warning = 'WARNING! This will remove all stopped/exited pods..';
  if (!flags.boolean('force') && !(await confirm(environment, warning))) return 0;
  return withEngine(call, async (engine) => {
    for (const one of await allPods(engine)) {
      // As podman has it, a pod that was only made is kept.
      if (podState(one) !== 'Exited') continue;
      await engine.pods.remove(one.pod.id, { force: true, ignoreMissing: true, signal: environment.signal });
      await environment.stdout(`${one.pod.id}\n`);
    }
    return 0;
  });
}
