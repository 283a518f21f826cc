// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { confirm } from '../output/confirm.ts';
import { humanSize } from '../output/human-size.ts';
import { pruneContainers } from '../prune/prune-containers.ts';
import { parsePruneFilter } from '../prune/prune-filter.ts';
import { pruneImages } from '../prune/prune-images.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { signal, stdout } = environment;
  const all = flags.boolean('all');
  const filter = parsePruneFilter(flags.strings('filter'));
  if (!flags.boolean('force') && !(await confirm(environment, warning(all)))) return 0;
  return withEngine(call, async (engine) => {
    // Containers first: they hold images.
    const containers = await pruneContainers(engine, filter, signal);
    const images = await pruneImages(engine, all, filter, signal);
    await say('Containers', containers.ids);
    await say('Images', images.ids);
    await stdout(`Total reclaimed space: ${humanSize(containers.bytes + images.bytes)}\n`);
    return 0;
  });

  async function say(what: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await stdout(`Deleted ${what}\n${ids.map((id) => `${id}\n`).join('')}`);
  }
}

function warning(all: boolean): string {
  const images = all
    ? 'all images without at least one container associated with them'
    : 'all dangling images';
  return `WARNING! This command removes:\n\t- all stopped containers\n\t- ${images}\n`;
}
