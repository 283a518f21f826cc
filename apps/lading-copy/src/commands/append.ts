// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { appendLayers, emptyImage, type Image, layerFromPath, type NewLayer } from '@lading/image-edit';
import { sourceDateEpoch } from '@lading/layer';
import { withImage, writeImage } from '../edit-image.ts';
import { platformChoice } from '../image-repository.ts';
import { layerOptions } from '../layer-options.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const [from = '', to = '', ...paths] = call.args;
  const { flags, environment } = call;
  const signal = signalOf(call);
  const epoch = sourceDateEpoch(environment.env);
  const created = epoch ?? new Date();
  const createdBy = flags.string('created-by') ?? '';
  const layers: NewLayer[] = [];
  const append = async (image: Image): Promise<void> =>
    writeImage(call, await appendLayers(image, layers), to, signal);
  try {
    for (const path of paths) {
      const history = { created: created.toISOString(), created_by: createdBy };
      const options = { ...layerOptions(call), mtime: epoch, history, signal };
      layers.push(await layerFromPath(resolve(environment.cwd, path), options));
    }
    if (from === 'scratch') await append(await emptyImage({ platform: platformChoice(call), created }));
    else await withImage(call, from, 'src-', signal, append);
  } finally {
    for (const layer of layers) await layer[Symbol.asyncDispose]();
  }
  return 0;
}
