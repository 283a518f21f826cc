// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const [image = '', ...names] = call.args;
  await withEngine(call, (engine) =>
    names.length === 0 ? engine.images.untag(image) : engine.images.untag(image, names),
  );
  return 0;
}
