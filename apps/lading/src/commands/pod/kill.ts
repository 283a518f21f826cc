// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { isRunning } from '../../output/names.ts';
import { parseSignal } from '../../output/signal-name.ts';
import { findPod, namedPods } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const signal = parseSignal(call.flags.string('signal') ?? 'KILL');
  return withEngine(call, async (engine) =>
    forEachName(call, await namedPods(call, engine), async (name) => {
      const { pod, containers } = await findPod(engine, name);
      for (const { id } of containers.filter(isRunning)) await engine.containers.kill(id, signal);
      return pod.id;
    }),
  );
}
