// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '@lading/image-spec';
import { tableFault } from './table-fault.ts';
import { annotationPrefix, tableType } from './trailer.ts';

/** Something that is kept compressed in a skippable frame of the blob. */
export interface Position {
  readonly at: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
}

/** What the annotations of a layer say of its table of contents. */
export interface Positions {
  /** Of the compressed table. */
  readonly checksum: string;
  readonly table: Position;
  /** Undefined for layers of older tools, which keep no tar-split data. */
  readonly tarSplit: Position | undefined;
}

/** The name until 2023, which podman 4 and its kin write. */
const olderPrefix = 'io.containers.zstd-chunked.';

/** Of both together as they are in the blob; they are held in memory. */
const mostCompressedBytes = 64 << 20;
/** A table has some 300 bytes a file. */
const mostTableBytes = 256 << 20;
const mostTarSplitBytes = 2 ** 30;

/**
 * Reads the annotations; undefined where there are none.
 *
 * @throws LadingError `data_loss` for those that cannot be true
 */
export function positionsOf({ annotations = {}, size }: Descriptor): Positions | undefined {
  const prefix = [annotationPrefix, olderPrefix].find((name) =>
    Object.hasOwn(annotations, `${name}manifest-checksum`),
  );
  if (prefix === undefined) return undefined;
  const said = (name: string): string | undefined =>
    Object.hasOwn(annotations, prefix + name) ? annotations[prefix + name] : undefined;
  const checksum = said('manifest-checksum') ?? '';
  if (!/^sha256:[0-9a-f]{64}$/.test(checksum)) throw tableFault('its checksum is no digest of SHA-256');
  const [table, type] = positionIn(said('manifest-position') ?? '', size);
  if (type !== tableType) throw tableFault(`it is of the type ${type}, which is not known`);
  const split = said('tarsplit-position');
  const tarSplit = split === undefined ? undefined : positionIn(split, size)[0];
  const end = tarSplit === undefined ? table.at : tarSplit.at + tarSplit.compressedBytes;
  if (tarSplit !== undefined && tarSplit.at < table.at + table.compressedBytes)
    throw tableFault('its parts overlap');
  const held = Math.max(end, table.at + table.compressedBytes) - table.at;
  const isTooLarge =
    held > mostCompressedBytes ||
    table.uncompressedBytes > mostTableBytes ||
    (tarSplit?.uncompressedBytes ?? 0) > mostTarSplitBytes;
  if (isTooLarge) throw tableFault('it is too large');
  return { checksum, table, tarSplit };
}

function positionIn(text: string, blobBytes: number): readonly [Position, number | undefined] {
  const numbers = /^\d{1,16}(:\d{1,16}){2,3}$/.test(text) ? text.split(':').map(Number) : [];
  const [at, compressedBytes, uncompressedBytes, type] = numbers;
  const isWithin =
    at !== undefined &&
    compressedBytes !== undefined &&
    uncompressedBytes !== undefined &&
    numbers.every(Number.isSafeInteger) &&
    compressedBytes > 0 &&
    at + compressedBytes <= blobBytes;
  if (!isWithin) throw tableFault(`the place ${JSON.stringify(text.slice(0, 80))} is not in the blob`);
  return [{ at, compressedBytes, uncompressedBytes }, type];
}
