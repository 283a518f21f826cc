// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
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

/** Starts the pod and all of its containers that do not run; where none does, those that prepare things go before. */
export async function startPod(engine: Engine, name: string, signal: AbortSignal): Promise<string> {
  const { pod, containers } = await findPod(engine, name);
  await engine.pods.start(pod.id, { signal });
  const oldestFirst = containers.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  if (!containers.some(isRunning)) {
    for (const container of oldestFirst) await runInit(engine, container, signal);
  }
  // What one requires is older than it, and would be started with it.
  for (const container of oldestFirst) {
    const isToRun = !isRunning(container) && container.options.initOfPod === undefined;
    if (isToRun) await engine.containers.start(container.id, { signal });
  }
  return pod.id;
}

async function runInit(
  { containers }: Engine,
  { id, options }: ContainerInfo,
  signal: AbortSignal,
): Promise<void> {
  if (options.initOfPod === undefined) return;
  await containers.start(id, { signal });
  const { exitCode } = await containers.wait(id, { signal });
  if (exitCode !== 0) {
    throw new LadingError(Code.FailedPrecondition, `init container ${id} exited with code ${exitCode}`);
  }
  if (options.initOfPod === 'once') await containers.remove(id, { force: true, volumes: true });
}
