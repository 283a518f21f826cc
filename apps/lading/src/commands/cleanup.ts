// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode } from '@lading/errors';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [id = ''] = call.args;
  const root = call.flags.string('root') || undefined;
  // The whole store was thrown away since: opening it would make it anew.
  if (root !== undefined && !existsSync(root)) return 0;
  try {
    await withEngine(call, (engine) => engine.containers.cleanup(id, { signal: call.environment.signal }));
  } catch (reason) {
    // Someone else cleaned up and removed it in the meantime.
    if (!hasCode(reason, Code.NotFound)) throw reason;
  }
  return 0;
}
