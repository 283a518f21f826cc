// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { type Digest, parseDigest } from '@lading/image-spec';

/** Names of the annotations of a layer; without them nobody looks for its table of contents. */
export const annotationPrefix = 'io.github.containers.zstd-chunked.';

/** Something that is kept compressed in a skippable frame. */
export interface Kept {
  readonly compressed: Buffer;
  readonly uncompressedBytes: number;
}

/** What stands behind the archive, which decoders of zstd pass over. */
export interface Trailer {
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

const headerBytes = 8;
/** The table is one of CRFS's kind. */
export const tableType = 1;

/** Puts the table of contents, the tar-split data and the footer behind `offset` bytes of a blob. */
export function makeTrailer(offset: number, table: Kept, tarSplit: Kept): Trailer {
  const tableAt = offset + headerBytes;
  const tarSplitAt = tableAt + table.compressed.length + headerBytes;
  const footer = Buffer.alloc(64);
  const numbers = [
    tableAt,
    table.compressed.length,
    table.uncompressedBytes,
    tableType,
    tarSplitAt,
    tarSplit.compressed.length,
    tarSplit.uncompressedBytes,
  ];
  for (const [i, value] of numbers.entries()) footer.writeBigUInt64LE(BigInt(value), 8 * i);
  footer.write('GNUlInUx', 56, 'latin1');
  return {
    bytes: Buffer.concat([table.compressed, tarSplit.compressed, footer].flatMap(skippable)),
    annotations: {
      [`${annotationPrefix}manifest-checksum`]: digestOf(table.compressed),
      [`${annotationPrefix}manifest-position`]: `${tableAt}:${table.compressed.length}:${table.uncompressedBytes}:${tableType}`,
      [`${annotationPrefix}tarsplit-position`]: `${tarSplitAt}:${tarSplit.compressed.length}:${tarSplit.uncompressedBytes}`,
    },
  };
}

export function digestOf(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${hash('sha256', bytes)}`);
}

/** @see RFC 8878, 3.1.2 */
function skippable(bytes: Buffer): readonly Buffer[] {
  const header = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 4);
  return [header, bytes];
}
