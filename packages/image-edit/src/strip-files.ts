// SPDX-License-Identifier: Apache-2.0
import { stripLayer } from '@lading/layer';
import type { Image } from './image.ts';
import { type RewriteOptions, rewriteLayers } from './rewrite-layers.ts';

/**
 * Takes files out of every layer of an image, so that nothing of them is left in it; a folder goes with all that is in
 * it. Layers without them stay as they are. To be disposed of when it has been written.
 *
 * @param paths as a container sees them: `/etc/motd`
 * @throws FailedPrecondition (`LINKED`) where a hard link that stays needs a file that goes
 *
 * @example
 * ```ts
 * import { appendLayers, diffImages, emptyImage, layerFromTar, stripFiles } from '@lading/image-edit';
 * import { packEntries } from '@lading/layer';
 *
 * await using layer = await layerFromTar(
 *   packEntries([
 *     { type: 'file', path: 'key', content: 'x' },
 *     { type: 'file', path: 'app', content: 'y' },
 *   ]),
 * );
 * const image = await appendLayers(await emptyImage(), [layer]);
 * await using stripped = await stripFiles(image, ['/key']);
 * for (const { kind, path } of await diffImages(image, stripped)) console.log(kind, Buffer.from(path).toString());
 * // → removed /key
 * ```
 */
export function stripFiles(
  image: Image,
  paths: readonly string[],
  options: RewriteOptions = {},
): Promise<Image & AsyncDisposable> {
  return rewriteLayers(image, (layer, layerOptions) => stripLayer(layer, paths, layerOptions), options);
}
