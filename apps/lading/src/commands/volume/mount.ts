// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';

/** Most volumes are folders: there is nothing to mount, but their path is told. */
export async function run(call: CommandCall): Promise<number> {
  return withEngine(call, (engine) =>
    forEachName(call, call.args, async (name) => (await engine.volumes.mount(name)).mountpoint),
  );
}

export async function runUnmount(call: CommandCall): Promise<number> {
  return withEngine(call, (engine) =>
    forEachName(call, call.args, async (name) => (await engine.volumes.unmount(name)).name),
  );
}
