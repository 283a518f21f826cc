// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../engine.ts';
import { findStored } from '../images/stored-image.ts';
import { humanSize } from '../output/human-size.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, environment } = call;
  return withEngine(call, async (engine) => {
    const { image } = await findStored(engine, args[0] ?? '');
    const [{ layers }, sizeBytes, all] = await Promise.all([
      engine.images.inspect(image.id),
      engine.store.images.size(image.id),
      engine.store.images.list(),
    ]);
    const lines = [
      `Image ID: ${image.id.slice(0, 12)}`,
      `Tags:     [${image.names.join(' ')}]`,
      `Size:     ${humanSize(sizeBytes)}`,
      'Image Layers',
    ];
    for (const [position, id] of layers.entries()) {
      const size = (await engine.store.layers.get(id))?.diffSize ?? 0;
      const tops = all.filter(({ topLayer }) => topLayer === id).flatMap(({ names }) => names ?? []);
      const branch = position === layers.length - 1 ? '└──' : '├──';
      const top = tops.length === 0 ? '' : ` Top Layer of: [${tops.join(' ')}]`;
      lines.push(`${branch} ID: ${id.slice(0, 12)} Size: ${humanSize(size).padStart(7)}${top}`);
    }
    await environment.stdout(`${lines.join('\n')}\n\n`);
    return 0;
  });
}
