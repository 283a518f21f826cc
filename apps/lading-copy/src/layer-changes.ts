// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import {
  clampConfigTimes,
  clampTimes,
  type Image,
  readImage,
  removeLayers,
  setTarFileTimes,
  stripFiles,
} from '@lading/image-edit';
import { sourceDateEpoch } from '@lading/layer';
import type { ImageEdit } from './edit-images.ts';
import { timeOf } from './image-changes.ts';
import { layerOptions } from './layer-options.ts';
import { patternOf } from './pattern-of.ts';
import { signalOf } from './retry.ts';
import { tarFileTimes } from './tar-file-times.ts';
import { withSource } from './with-source.ts';

/** What the flags of `mutate` ask for of layers, in the order in which it is done. */
export async function layerChanges(call: CommandCall): Promise<readonly ImageEdit[]> {
  const { flags, environment } = call;
  const { compression, level } = layerOptions(call);
  const options = {
    compression: flags.given('compress-format') ? compression : undefined,
    level,
    signal: signalOf(call),
  };
  const latest = timeOf(flags.string('time-max'), 'time-max');
  if (latest === null) throw usageError('--time-max is empty: give a time, or leave it out');
  const epoch = sourceDateEpoch(environment.env);
  const paths = flags.strings('layer-strip-file');
  const retimed = flags.strings('file-tar-time').map((text) =>
    tarFileTimes(text, (reference, { config: { os, architecture, variant } }) =>
      withSource(call, reference, 'src-', (source) =>
        readImage(source, {
          platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
          signal: options.signal,
        }),
      ),
    ),
  );
  const remove = await layerRemoval(call);
  return [
    ...(remove === undefined ? [] : [remove]),
    ...(paths.length === 0 ? [] : [(image: Image) => stripFiles(image, paths, options)]),
    ...retimed.map((times) => async (image: Image) => setTarFileTimes(image, await times(image), options)),
    ...(latest === undefined ? [] : [(image: Image) => clampTimes(image, latest, options)]),
    ...(latest !== undefined || epoch === undefined
      ? []
      : [(image: Image) => clampConfigTimes(image, epoch)]),
  ];
}

/** By number and by history at once: the numbers are those of the image as it was. */
async function layerRemoval({ flags }: CommandCall): Promise<((image: Image) => Promise<Image>) | undefined> {
  const numbers = new Set(flags.strings('layer-rm-index').map(numberOf));
  const given = flags.strings('layer-rm-created-by');
  const patterns = await Promise.all(given.map((pattern) => patternOf(pattern)));
  if (numbers.size === 0 && patterns.length === 0) return undefined;
  return async (image) => {
    const { length } = image.manifest.layers;
    for (const number of numbers) {
      if (number < length) continue;
      throw new LadingError(
        Code.NotFound,
        `${image.reference} has ${length} layers, from 0 to ${length - 1}: there is no layer ${number}`,
      );
    }
    return removeLayers(
      image,
      ({ index, history }) =>
        numbers.has(index) || patterns.some((matches) => matches(history?.created_by ?? '')),
    );
  };
}

function numberOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`--layer-rm-index ${text}: write the number of a layer, from 0 on`);
}
