// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo } from '@lading/engine';
import { containerEvent } from '../container/container-event.ts';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, isRunning, namedContainers } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  checkNames(call);
  return withEngine(call, async (engine) => {
    const { signal } = environment;
    const chosen = (container: ContainerInfo): boolean => !flags.boolean('running') || isRunning(container);
    const timeoutMs = flags.given('time') ? (flags.int('time') ?? 10) * 1000 : undefined;
    return forEachName(call, await namedContainers(call, engine, chosen), async (name) => {
      engine.tell(containerEvent('restart', await engine.containers.inspect(name)));
      await engine.containers.stop(name, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
      await engine.containers.start(name, { signal });
      return name;
    });
  });
}
