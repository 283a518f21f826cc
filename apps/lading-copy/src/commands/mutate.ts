// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { clampConfigTimes, clampTimes, mutateImage } from '@lading/image-edit';
import { sourceDateEpoch } from '@lading/layer';
import { editImages } from '../edit-images.ts';
import { imageChanges, timeOf } from '../image-changes.ts';
import { layerOptions } from '../layer-options.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags } = call;
  const changes = imageChanges(call);
  const given = timeOf(flags.string('time-max'), 'time-max');
  if (given === null) throw usageError('--time-max is empty: give a time, or leave it out');
  const epoch = given ?? sourceDateEpoch(call.environment.env);
  const { compression, level } = layerOptions(call);
  const options = {
    compression: flags.given('compress-format') ? compression : undefined,
    level,
    signal: signalOf(call),
  };
  await editImages(call, async (image) => {
    if (epoch === undefined) return mutateImage(image, changes);
    if (given === undefined) return mutateImage(await clampConfigTimes(image, epoch), changes);
    const clamped = await clampTimes(image, given, options);
    return { ...(await mutateImage(clamped, changes)), [Symbol.asyncDispose]: clamped[Symbol.asyncDispose] };
  });
  return 0;
}
