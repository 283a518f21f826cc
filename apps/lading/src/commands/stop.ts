// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../engine.ts';
import { forEachName } from '../output/for-each.ts';
import { checkNames, isRunning, namedContainers } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  checkNames(call);
  return withEngine(call, async (engine) => {
    const names = await namedContainers(call, engine, isRunning);
    const timeoutMs = flags.given('time') ? (flags.int('time') ?? 10) * 1000 : undefined;
    const stop = async (name: string): Promise<string> => {
      await engine.containers.stop(name, {
        signal: environment.signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      return name;
    };
    return forEachName(call, names, stop, flags.boolean('ignore') ? { ignore: [Code.NotFound] } : {});
  });
}
