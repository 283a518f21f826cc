// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { isRunning } from '../../output/names.ts';
import { findPod, namedPods } from './named-pods.ts';

/** podman's code when there is no such pod. */
const exitCodes = { [Code.NotFound]: 1 };

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const force = flags.boolean('force');
  const ignore = force || flags.boolean('ignore') ? { ignore: [Code.NotFound] } : {};
  return withEngine(call, async (engine) => {
    const remove = async (name: string): Promise<string> => {
      const { pod, containers } = await findPod(engine, name);
      const busy = containers.find(isRunning);
      if (!force && busy !== undefined) {
        throw new LadingError(
          Code.FailedPrecondition,
          `pod ${pod.id} has containers that run (${busy.name}): stop them first, or remove the pod with --force`,
        );
      }
      await engine.pods.remove(pod.id, {
        force: true, // containers that have ended go with it
        timeoutMs: (flags.int('time') ?? 10) * 1000,
        signal: environment.signal,
      });
      return pod.id;
    };
    const options = { exitCodes, ...ignore };
    let names: readonly string[];
    try {
      names = await namedPods(call, engine);
    } catch (reason) {
      // With --latest there may be none, which counts as one that is not there.
      if (!flags.boolean('latest') || !hasCode(reason, Code.NotFound)) throw reason;
      return forEachName(call, [''], () => Promise.reject(reason), options);
    }
    return forEachName(call, names, remove, options);
  });
}
