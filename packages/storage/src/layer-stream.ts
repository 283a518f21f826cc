// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { verifyStream } from '@lading/image-spec';
import { type LayerSource, type OpenArchiveOptions, openArchive } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { shortId } from './ids.ts';
import { packLayer } from './layer-changes.ts';
import { contentFolders, homeOf, lowerIds, tarSplitPath } from './layer-folder.ts';
import type { Paths } from './paths.ts';
import { findLayer } from './read-only-stores.ts';
import type { CallOptions } from './types.ts';

/**
 * A layer's archive: put together from its tar-split file and its unpacked files, which have checksums there, or packed
 * where it never was one, and then checked by its digest if that is known.
 */
export async function layerStream(
  context: StoreContext,
  id: string,
  { signal }: CallOptions,
): Promise<LayerSource> {
  const { paths } = context;
  const { uidMap, gidMap, diffDigest, diffSize } = known(await findLayer(context, id, signal), id, 'layer');
  // Other tools write -1 where they do not know it.
  const sizeBytes = diffSize !== undefined && diffSize >= 0 ? diffSize : undefined;
  if (existsSync(tarSplitPath(homeOf(paths, id), id))) return archiveOf(paths, id, { sizeBytes, signal });
  const packed = packLayer(context, id, { uidMap, gidMap, signal });
  if (diffDigest === undefined || sizeBytes === undefined) return packed;
  const expected = { digest: diffDigest, size: sizeBytes };
  return verifyStream(packed, expected, (algorithm) => createHash(algorithm), { signal });
}

/** The same without a look at the records. */
export function archiveOf(paths: Paths, id: string, options: OpenArchiveOptions): LayerSource {
  const split = tarSplitPath(homeOf(paths, id), id);
  if (!existsSync(split)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `layer ${shortId(id)} has no record of its archive; it is a container's`,
      { reason: 'NO_TAR_SPLIT' },
    );
  }
  const below = lowerIds(paths, id);
  return openArchive(
    split,
    [id, ...below].flatMap((layer) => contentFolders(paths, layer)),
    options,
  );
}
