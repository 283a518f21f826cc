// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { NewLayerOptions } from '@lading/image-edit';

/** How layers that are made are to be compressed. @throws a usage error for what cannot be done */
export function layerOptions({ flags }: CommandCall): Pick<NewLayerOptions, 'compression' | 'level'> {
  const compression = flags.string('compress-format');
  const level = flags.int('compress-level');
  if (compression !== 'gzip' && compression !== 'zstd' && compression !== 'none')
    throw usageError(`"${compression}" is no compression: choose gzip, zstd or none`);
  return { compression, level };
}
