// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { embedData, type Image, mutateImage } from '@lading/image-edit';
import { editImages, type ImageEdit } from '../edit-images.ts';
import { imageChanges } from '../image-changes.ts';
import { layerChanges } from '../layer-changes.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const changes = imageChanges(call);
  // What was asked for by name stands above what a label says.
  const annotate: ImageEdit = (image) =>
    mutateImage(image, { annotations: { ...image.config.config?.Labels, ...changes.annotations } });
  const dataMax = call.flags.given('data-max') ? call.flags.int('data-max') : undefined;
  await editImages(
    call,
    ...(await layerChanges(call)),
    (image) => mutateImage(image, changes),
    ...(call.flags.boolean('label-to-annotation') ? [annotate] : []),
    ...(dataMax === undefined ? [] : [(image: Image) => embedData(image, dataMax, signalOf(call))]),
  );
  return 0;
}
