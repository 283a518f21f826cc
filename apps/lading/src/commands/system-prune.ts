// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';
import { humanSize } from '../output/human-size.ts';
import { pruneContainers } from '../prune/prune-containers.ts';
import { parsePruneFilter } from '../prune/prune-filter.ts';
import { pruneImages } from '../prune/prune-images.ts';
import { pruneVolumes } from '../prune/prune-volumes.ts';
import { pruneNetworks } from './network/remove.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { signal, stdout } = environment;
  const all = flags.boolean('all');
  const volumes = flags.boolean('volumes');
  const filter = parsePruneFilter(flags.strings('filter'));
  if (!flags.boolean('force') && !(await confirm(environment, warning(all, volumes)))) return 0;
  return withEngine(call, async (engine) => {
    // Containers first: they hold the others.
    const containers = await pruneContainers(engine, filter, signal);
    const networks = await pruneNetworks(call, engine, filter);
    const removed = volumes ? await pruneVolumes(engine, flags.strings('filter')) : [];
    const images = await pruneImages(engine, filter, { all, signal });
    await say('Containers', containers.ids);
    await say('Networks', networks);
    await say('Volumes', removed);
    await say('Images', images.ids);
    await stdout(`Total reclaimed space: ${humanSize(containers.bytes + images.bytes)}\n`);
    return 0;
  });

  async function say(what: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await stdout(`Deleted ${what}\n${ids.map((id) => `${id}\n`).join('')}`);
  }
}

function warning(all: boolean, volumes: boolean): string {
  const things = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated with them' : 'all dangling images',
  ];
  return `WARNING! This command removes:\n${things.map((thing) => `\t- ${thing}\n`).join('')}`;
}
