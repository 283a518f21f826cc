// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { flattenImage } from '@lading/image-edit';
import { editImages } from '../edit-images.ts';
import { layerOptions } from '../layer-options.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const options = { ...layerOptions(call), signal: signalOf(call) };
  await editImages(call, (image) => flattenImage(image, options));
  return 0;
}
