// SPDX-License-Identifier: Apache-2.0
import { constants, existsSync, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { assembleTar, type LayerSource } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { shortId } from './ids.ts';
import { packLayer } from './layer-changes.ts';
import { contentFolders, homeOf, lowerIds, tarSplitPath } from './layer-folder.ts';
import type { Paths } from './paths.ts';
import { findLayer } from './read-only-stores.ts';
import { resolverIn } from './resolve-inside.ts';
import { checkSignal } from './turn.ts';
import type { OpenLayerOptions } from './types.ts';

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A layer's archive: put together from its tar-split file and its unpacked files, or packed where it never was one. */
export async function layerStream(
  context: StoreContext,
  id: string,
  options: OpenLayerOptions,
): Promise<LayerSource> {
  const { paths } = context;
  const { uidMap, gidMap } = known(await findLayer(context, id, options.signal), id, 'layer');
  if (existsSync(tarSplitPath(homeOf(paths, id), id))) return archiveOf(paths, id, options);
  return packLayer(context, id, { uidMap, gidMap, signal: options.signal });
}

/** The same without a look at the records. */
export function archiveOf(
  paths: Paths,
  id: string,
  { signal, skipChecksums }: OpenLayerOptions,
): LayerSource {
  const split = tarSplitPath(homeOf(paths, id), id);
  if (!existsSync(split)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `layer ${shortId(id)} has no record of its archive; it is a container's`,
      { reason: 'NO_TAR_SPLIT' },
    );
  }
  const below = lowerIds(paths, id);
  const folders = [id, ...below].flatMap((layer) => contentFolders(paths, layer));
  const resolvers = folders.map(resolverIn);
  const openFile = (name: Buffer): number => {
    for (const resolver of resolvers) {
      const path = resolver.find(name);
      if (path !== undefined) return openSync(path, openFlags);
    }
    throw new LadingError(
      Code.DataLoss,
      `layer ${shortId(id)} misses the file ${JSON.stringify(name.toString())}`,
      { reason: 'TAR_SPLIT_FILE' },
    );
  };
  const archive = assembleTar(split, openFile, { skipChecksums });
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      checkSignal(signal);
      yield chunk;
    }
  }
  return Object.assign(chunks(), { recycle: archive.recycle });
}
