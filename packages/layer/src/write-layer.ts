// SPDX-License-Identifier: Apache-2.0
import { open, rm } from 'node:fs/promises';
import { LadingError } from '@lading/errors';
import { type CompressOptions, compressLayer, type LayerResult } from './compress-layer.ts';
import { packFolder } from './pack-folder.ts';
import type { PackOptions } from './pack-options.ts';

export interface WriteLayerOptions extends PackOptions, CompressOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A layer in a file. */
export interface WrittenLayer extends LayerResult {
  readonly path: string;
}

/**
 * Makes a layer of a folder and writes it to a file, which must not exist. A failure leaves no file.
 *
 * @param source the folder, or a tar from any of the other makers of layers
 * @throws LadingError `already_exists` when the file is there; what {@link packFolder} and {@link compressLayer} throw
 */
export async function writeLayer(
  source: string | AsyncIterable<Uint8Array>,
  file: string,
  options: WriteLayerOptions = {},
): Promise<WrittenLayer> {
  const tar = typeof source === 'string' ? packFolder(source, options) : source;
  const layer = compressLayer(tar, options);
  const target = await open(file, 'wx', 0o644).catch((error: unknown) => {
    throw LadingError.from(error);
  });
  try {
    for await (const chunk of layer.chunks) await target.writeFile(chunk);
    await target.close();
  } catch (error) {
    await target.close();
    await rm(file, { force: true });
    throw LadingError.from(error);
  }
  return { ...layer.result(), path: file };
}
