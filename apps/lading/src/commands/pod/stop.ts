// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { findPod, namedPods } from './named-pods.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const timeoutMs = flags.given('time') ? (flags.int('time') ?? 10) * 1000 : undefined;
  return withEngine(call, async (engine) => {
    const stop = async (name: string): Promise<string> => {
      const { pod } = await findPod(engine, name);
      await engine.pods.stop(pod.id, {
        signal: environment.signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      return pod.id;
    };
    const ignore = flags.boolean('ignore') ? { ignore: [Code.NotFound] } : {};
    return forEachName(call, await namedPods(call, engine), stop, ignore);
  });
}
