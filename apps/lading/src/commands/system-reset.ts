// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';
import { externalContainers } from '../prune/external-containers.ts';
import type { PruneFilter } from '../prune/prune-filter.ts';
import { pruneNetworks } from './network/remove.ts';

const kinds = ['containers', 'pods', 'images', 'volumes', 'secrets', 'networks'];
const everything: PruneFilter = { createdBefore: undefined, matches: () => true };

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { signal } = environment;
  await withEngine(call, async (engine) => {
    const { store, containers, images, pods, volumes, secrets } = engine;
    const warning = ['WARNING! This will remove:', ...kinds.map((what) => `        - all ${what}`)].join(
      '\n',
    );
    if (!flags.boolean('force') && !(await confirm(environment, warning))) return;
    for (const { id } of await containers.list({ all: true })) {
      await containers.remove(id, { force: true, ignoreMissing: true, timeoutMs: 0, signal });
    }
    for (const { id } of await pods.list())
      await pods.remove(id, { force: true, ignoreMissing: true, signal });
    await engine.sweep();
    for (const { id } of await externalContainers(engine)) await store.containers.delete(id, { signal });
    for (const { id } of await images.list()) await images.remove(id, { force: true });
    for (const { name } of await volumes.list()) await volumes.remove(name, { force: true, signal });
    for (const { id } of await secrets.list()) await secrets.remove(id);
    await pruneNetworks(call, engine, everything);
    // What other tools or a crash have left of layers.
    await store.collectGarbage({ signal });
  });
  return 0;
}
