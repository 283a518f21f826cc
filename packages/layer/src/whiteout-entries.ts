// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { PackItem } from './tar-archive.ts';
import { shown } from './tar-header.ts';

// https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
const prefix = '.wh.';
const opaque = Buffer.from('.wh..wh..opq');

/** Everything of a whiteout but its name means nothing, so it is the same for all. */
const common = { type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtimeNs: 0n } as const;

/** The entry which says that what had this name in the layers below is gone. */
export function whiteoutEntry(name: Buffer): PackItem {
  const base = name.lastIndexOf(0x2f) + 1;
  return {
    ...common,
    name: Buffer.concat([name.subarray(0, base), Buffer.from(prefix), name.subarray(base)]),
  };
}

/** The entry which says that a folder shows nothing of the layers below. */
export function opaqueEntry(folder: Buffer): PackItem {
  return { ...common, name: Buffer.concat([folder, Buffer.from('/'), opaque]) };
}

/** A file of such a name would come out of the layer as a removal. */
export function refuseReservedName(name: Buffer): void {
  if (!name.includes(prefix)) return;
  if (
    !name
      .subarray(name.lastIndexOf(0x2f) + 1)
      .toString('latin1')
      .startsWith(prefix)
  )
    return;
  throw new LadingError(
    Code.InvalidArgument,
    `a layer cannot hold ${shown(name)}: names that begin with ".wh." stand for removals; rename or remove it`,
    { reason: 'RESERVED_NAME' },
  );
}
