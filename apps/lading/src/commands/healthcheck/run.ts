// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, environment } = call;
  const [name = ''] = args;
  return withEngine(call, async ({ containers }) => {
    const { isHealthy } = await containers.checkHealth(name, { signal: environment.signal });
    if (!isHealthy) await environment.stdout('unhealthy\n');
    return isHealthy ? 0 : 1;
  });
}
