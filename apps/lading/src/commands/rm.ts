// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, isRunning, namedContainers } from '../output/names.ts';
import { removeExternal } from '../prune/external-containers.ts';

/** podman's codes: 1 when there is no such container, 2 when it is in use. */
const exitCodes = { [Code.NotFound]: 1, CONTAINER_RUNNING: 2, CONTAINER_MOUNTED: 2 };

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const force = flags.boolean('force');
  const depend = flags.boolean('depend');
  const ignore = force || flags.boolean('ignore') ? { ignore: [Code.NotFound] } : {};
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, () => true);
    const remove = async (name: string): Promise<string> => {
      if (!(await engine.containers.exists(name)) && (await removeExternal(engine, name, force))) return name;
      const container = await engine.containers.inspect(name);
      if (!force && isRunning(container)) {
        throw new LadingError(
          Code.FailedPrecondition,
          `cannot remove container ${container.id} as it is ${container.status} - running or paused containers cannot be removed without force: container state improper`,
          { reason: 'CONTAINER_RUNNING' },
        );
      }
      const removed = await engine.containers.remove(container.id, {
        force,
        dependents: depend ? 'remove' : 'refuse',
        volumes: flags.boolean('volumes'),
        timeoutMs: (flags.int('time') ?? 10) * 1000,
        signal: environment.signal,
      });
      // podman's lines: the name as it was given, but ids where more than that one may go.
      return depend ? removed.join('\n') : name;
    };
    return forEachName(call, names, remove, { exitCodes, ...ignore });
  });
}
