// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type LayerSource,
  type NewContent,
  type ReadLayerOptions,
  type RewrittenLayer,
  rewriteLayer,
  type TarEntry,
} from '@lading/layer';
import type { Image } from './image.ts';
import { layerFromTar, type NewLayer } from './new-layer.ts';
import { type RewriteOptions, rewriteLayers } from './rewrite-layers.ts';

/** What the times in an archive are to be. */
export interface TarFileTimes {
  /** The archive as a container sees it: `/lib/apk/db/scripts.tar`. */
  readonly path: string;
  readonly time: Date;
  /** Only times after this one become `time`. Default: all do. */
  readonly after?: Date | undefined;
  /** So many layers from the lowest up are left alone, as those of a base. Default: none. */
  readonly baseLayers?: number | undefined;
}

/**
 * Changes the times of what is in an archive that is a file of an image, such as the scripts of a package manager: two
 * builds of one image then differ no more. Layers without the file, and files without such times, stay as they are. To be
 * disposed of when the image has been written.
 *
 * @throws InvalidArgument for a file that is no tar archive; FailedPrecondition for one that is compressed
 *
 * @example
 * ```ts
 * import { appendLayers, emptyImage, layerFromTar, readImageFile, setTarFileTimes } from '@lading/image-edit';
 * import { packEntries, readLayer } from '@lading/layer';
 *
 * const scripts = Buffer.concat(await Array.fromAsync(packEntries([{ type: 'file', path: 'x', mtime: new Date() }])));
 * await using layer = await layerFromTar(packEntries([{ type: 'file', path: 'scripts.tar', content: scripts }]));
 * const image = await appendLayers(await emptyImage(), [layer]);
 * await using changed = await setTarFileTimes(image, { path: '/scripts.tar', time: new Date(0) });
 * for await (const event of readLayer(readImageFile(changed, '/scripts.tar'))) {
 *   if (event.kind === 'entry') console.log(event.entry.mtimeNs); // → 0n
 * }
 * ```
 */
export async function setTarFileTimes(
  image: Image,
  times: TarFileTimes,
  options: RewriteOptions = {},
): Promise<Image & AsyncDisposable> {
  const { path, baseLayers = 0 } = times;
  const wanted = path.replace(/^\/+/, '');
  const made: NewLayer[] = [];
  const rewrite = (layer: LayerSource, layerOptions: ReadLayerOptions): RewrittenLayer =>
    rewriteLayer(layer, (entry) => entry, {
      ...layerOptions,
      changeContent: ({ name }) =>
        name.toString().replace(/^(?:\.?\/)+/, '') === wanted
          ? (content) => retimed(content, times, made, options.signal)
          : undefined,
    });
  try {
    return await rewriteLayers(
      image,
      (layer, layerOptions, index) => (index < baseLayers ? undefined : rewrite(layer, layerOptions)),
      options,
    );
  } finally {
    for (const one of made) await one[Symbol.asyncDispose]();
  }
}

async function retimed(
  content: AsyncIterable<Uint8Array>,
  times: TarFileTimes,
  made: NewLayer[],
  signal: AbortSignal | undefined,
): Promise<NewContent> {
  // Both lie in files: how long the new one is must be known before its header is written.
  const inFile = async (tar: AsyncIterable<Uint8Array>): Promise<NewLayer> => {
    const file = await layerFromTar(tar, { compression: 'none', signal });
    made.push(file);
    return file;
  };
  const before = await inFile(copied(content));
  const rewritten = withTimes(before.open(signal), times, signal);
  const after = await inFile(rewritten.tar);
  const isChanged = rewritten.isChanged();
  const kept = isChanged ? after : before;
  return { sizeBytes: kept.descriptor.size, isChanged, open: () => kept.open(signal) };
}

/** Chunks of a layer are good until the next one is asked for. */
async function* copied(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) yield Buffer.from(chunk);
}

function withTimes(
  tar: AsyncIterable<Uint8Array>,
  { path, time, after }: TarFileTimes,
  signal: AbortSignal | undefined,
): RewrittenLayer {
  const timeNs = BigInt(time.getTime()) * 1_000_000n;
  const afterNs = after === undefined ? undefined : BigInt(after.getTime()) * 1_000_000n;
  const isWrong = (at: bigint): boolean => (afterNs === undefined ? at !== timeNs : at > afterNs);
  const change = (entry: TarEntry): TarEntry => {
    const { mtimeNs, atimeNs = mtimeNs, ctimeNs = mtimeNs } = entry;
    if (![mtimeNs, atimeNs, ctimeNs].some(isWrong)) return entry;
    return { ...entry, mtimeNs: isWrong(mtimeNs) ? timeNs : mtimeNs };
  };
  return rewriteLayer(uncompressed(tar, path), change, { signal });
}

/** Compressed again it would be another file than its readers expect. */
async function* uncompressed(tar: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of tar) {
    const block = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (isFirst && block.toString('latin1', 257, 262) !== 'ustar') {
      throw new LadingError(
        Code.FailedPrecondition,
        `${path} is no tar archive, or a compressed one: name one that is not compressed`,
      );
    }
    isFirst = false;
    yield chunk;
  }
}
