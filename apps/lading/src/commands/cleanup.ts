// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode } from '@lading/errors';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [id = ''] = call.args;
  try {
    await withEngine(call, (engine) => engine.containers.cleanup(id, { signal: call.environment.signal }));
  } catch (reason) {
    // Someone else cleaned up and removed it in the meantime.
    if (!hasCode(reason, Code.NotFound)) throw reason;
  }
  return 0;
}
