// SPDX-License-Identifier: Apache-2.0
import { constants, existsSync, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { assembleTar } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { shortId } from './ids.ts';
import { packLayer } from './layer-changes.ts';
import { contentFolders, homeOf, lowerIds, tarSplitPath } from './layer-folder.ts';
import type { Paths } from './paths.ts';
import { findLayer } from './read-only-stores.ts';
import { resolverIn } from './resolve-inside.ts';
import { checkSignal } from './turn.ts';

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A layer's archive: put together from its tar-split file and its unpacked files, or packed where it never was one. */
export async function* layerStream(
  context: StoreContext,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { paths } = context;
  const { uidMap, gidMap } = known(await findLayer(context, id, signal), id, 'layer');
  if (existsSync(tarSplitPath(homeOf(paths, id), id))) yield* archiveOf(paths, id, signal);
  else yield* packLayer(context, id, { uidMap, gidMap, signal });
}

/** The same without a look at the records. */
export async function* archiveOf(
  paths: Paths,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
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
  for await (const chunk of assembleTar(split, openFile)) {
    checkSignal(signal);
    yield chunk;
  }
}
