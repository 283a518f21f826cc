// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { signal } = environment;
  await withEngine(call, async (engine) => {
    const { store, containers, images, pods } = engine;
    const warning = [
      'WARNING! This will remove:',
      ...['all containers', 'all pods', 'all images'].map((what) => `        - ${what}`),
    ].join('\n');
    if (!flags.boolean('force') && !(await confirm(environment, warning))) return;
    for (const { id } of await containers.list({ all: true })) {
      await containers.remove(id, { force: true, ignoreMissing: true, timeoutMs: 0, signal });
    }
    for (const { id } of await pods.list())
      await pods.remove(id, { force: true, ignoreMissing: true, signal });
    for (const { id } of await images.list()) await images.remove(id, { force: true });
    // What other tools or a crash have left of layers.
    await store.collectGarbage({ signal });
  });
  return 0;
}
