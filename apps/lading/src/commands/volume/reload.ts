// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';

/** Without plugins there is nothing to be asked for volumes: that the store can be read is all that is seen to. */
export async function run(call: CommandCall): Promise<number> {
  await withEngine(call, ({ volumes }) => volumes.list());
  return 0;
}
