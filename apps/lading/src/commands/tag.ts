// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [image = '', ...names] = call.args;
  await withEngine(call, async (engine) => {
    for (const name of names) await engine.images.tag(image, name);
  });
  return 0;
}
