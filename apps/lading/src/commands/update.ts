// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerChanges } from '@lading/engine';
import { withEngine } from '../engine.ts';
import { readEnvironmentFlags } from '../options/environment-variables.ts';
import { readHealthChanges } from '../options/health.ts';
import { readChangedLimits } from '../options/limits.ts';
import { readRestartPolicy } from '../options/restart-policy.ts';
import { withSharedFlags } from '../options/shared-flags.ts';

export async function run(call: CommandCall): Promise<number> {
  const shared = withSharedFlags(call);
  const { flags } = shared;
  const [name = ''] = call.args;
  const env = await readEnvironmentFlags(shared);
  const unsetEnv = flags.strings('unsetenv');
  const changes: ContainerChanges = {
    ...(flags.given('restart') && { restartPolicy: 'no', ...readRestartPolicy(flags) }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(unsetEnv.length > 0 && { unsetEnv }),
    ...readHealthChanges(flags),
  };
  return withEngine(call, async (engine) => {
    const { id, options } = await engine.containers.inspect(name);
    await engine.containers.update(id, await readChangedLimits(flags, options.resources), changes);
    await call.environment.stdout(`${id}\n`);
    return 0;
  });
}
