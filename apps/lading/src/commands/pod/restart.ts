// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { findPod, namedPods } from './named-pods.ts';
import { startPod } from './start.ts';

export async function run(call: CommandCall): Promise<number> {
  const { signal } = call.environment;
  return withEngine(call, async (engine) =>
    forEachName(call, await namedPods(call, engine), async (name) => {
      const { pod } = await findPod(engine, name);
      await engine.pods.stop(pod.id, { signal });
      return startPod(engine, pod.id, signal);
    }),
  );
}
