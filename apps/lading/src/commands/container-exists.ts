// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [name = ''] = call.args;
  return withEngine(call, async ({ containers, store }) => {
    if (await containers.exists(name)) return 0;
    // What other tools have made, a builder for one.
    if (!call.flags.boolean('external')) return 1;
    return (await store.containers.find(name)) === undefined ? 1 : 0;
  });
}
