// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [from = '', to = ''] = call.args;
  await withEngine(call, (engine) => engine.containers.rename(from, to));
  return 0;
}
