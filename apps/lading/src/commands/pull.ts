// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { parsePullPolicy } from '../options/pull-options.ts';
import { forEachName } from '../output/for-each.ts';
import { pullImage } from '../output/pull-image.ts';

export async function run(call: CommandCall): Promise<number> {
  const policy = parsePullPolicy(call.flags.string('policy') ?? 'always');
  return withEngine(call, (engine) =>
    forEachName(call, call.args, async (name) => (await pullImage(call, engine, name, policy)).id),
  );
}
