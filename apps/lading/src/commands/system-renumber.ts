// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  await withEngine(call, (engine) => engine.sweep());
  return 0;
}
