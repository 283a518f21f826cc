// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { isRunning } from '../../output/names.ts';
import { findPod, namedPods } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  return withEngine(call, async (engine) =>
    forEachName(call, await namedPods(call, engine), (name) =>
      startPod(engine, name, call.environment.signal),
    ),
  );
}

/** Starts the pod and all of its containers that do not run. */
export async function startPod(engine: Engine, name: string, signal: AbortSignal): Promise<string> {
  const { pod, containers } = await findPod(engine, name);
  await engine.pods.start(pod.id, { signal });
  // What one requires is older than it, and would be started with it.
  for (const container of containers.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))) {
    if (!isRunning(container)) await engine.containers.start(container.id, { signal });
  }
  return pod.id;
}
