// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { PaxRecords } from './pax.ts';
import { isGnu, numberAt, shown, type TarHeader } from './tar-header.ts';

/** Where the content of a sparse file lies; the rest of the file are holes. */
export interface SparseMap {
  /** Size of the file, with its holes. */
  readonly sizeBytes: number;
  /** Offset and length of each piece, in turns. */
  readonly pieces: readonly number[];
}

/** A map of which more blocks follow the header. */
export interface SparseReader {
  /** Whether those blocks count as content of the entry. */
  readonly isContent: boolean;
  /** Takes a block; gives the map when it was the last one. */
  push(block: Buffer): SparseMap | undefined;
}

/** More pieces are no file but an attack on the memory. */
const mostPieces = 1 << 20;

/**
 * The map of a sparse file, in any of the forms that GNU tar has ever written.
 *
 * @param block the header
 * @returns nothing for other files; a reader when the map goes on behind the header
 * @throws LadingError `invalid_argument`, `unimplemented` for a form that no tar writes yet
 * @see https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
 */
export function sparseMapOf(
  { type, name }: Pick<TarHeader, 'type' | 'name'>,
  block: Buffer,
  pax: PaxRecords | undefined,
): SparseMap | SparseReader | undefined {
  if (type === 'sparse') return oldMap(block, name);
  if (pax === undefined) return undefined;
  const text = (key: string): string | undefined => pax.get(`GNU.sparse.${key}`)?.toString('latin1');
  const [major, minor, map] = [text('major'), text('minor'), text('map')];
  if (major === undefined && minor === undefined && map === undefined) return undefined;
  const sizeBytes = integer(text('size') ?? text('realsize'), name);
  const version = major === undefined && minor === undefined ? '0.1' : `${major}.${minor}`;
  if (version === '1.0') return inlineMap(sizeBytes, name);
  if (version !== '0.0' && version !== '0.1') {
    throw new LadingError(
      Code.Unimplemented,
      `tar: ${shown(name)} is a sparse file of the unknown form ${JSON.stringify(version)}`,
      { reason: 'TAR_SPARSE' },
    );
  }
  const pieces = (map ?? '') === '' ? [] : (map ?? '').split(',').map((number) => integer(number, name));
  if (pieces.length !== 2 * integer(text('numblocks'), name))
    throw broken(name, 'its map has another length');
  return { sizeBytes, pieces };
}

/** @throws LadingError `invalid_argument` for a map that overlaps, runs backwards, or does not fit the content */
export function checkSparseMap({ sizeBytes, pieces }: SparseMap, contentBytes: number, name: Buffer): void {
  let end = 0;
  let total = 0;
  for (let i = 0; i < pieces.length; i += 2) {
    const [offset = 0, length = 0] = [pieces[i], pieces[i + 1]];
    if (offset < end) throw broken(name, 'its pieces overlap or run backwards');
    end = offset + length;
    total += length;
    if (end > sizeBytes) throw broken(name, 'a piece lies behind its end');
  }
  if (total !== contentBytes) throw broken(name, 'its map tells of another amount of content');
}

/** Four pieces in the header, and then blocks of 21. */
function oldMap(header: Buffer, name: Buffer): SparseMap | SparseReader {
  if (!isGnu(header)) throw broken(name, 'only GNU tar has this type');
  const pieces: number[] = [];
  const sizeBytes = numberAt(header, 483, 12, 'real size');
  const take = (block: Buffer, at: number, count: number): SparseMap | undefined => {
    for (let end = at + count * 24; at < end && block[at] !== 0; at += 24) {
      add(pieces, numberAt(block, at, 12, 'sparse map'), name);
      add(pieces, numberAt(block, at + 12, 12, 'sparse map'), name);
    }
    return block[count === 4 ? 482 : 504] === 0 ? { sizeBytes, pieces } : undefined;
  };
  return take(header, 386, 4) ?? { isContent: false, push: (block) => take(block, 0, 21) };
}

/** Lines of decimal numbers before the content, filled up to a block: how many pieces, then their two numbers each. */
function inlineMap(sizeBytes: number, name: Buffer): SparseReader {
  const numbers: number[] = [];
  let wanted = 1;
  let line = '';
  return {
    isContent: true,
    push(block) {
      const lines = (line + block.toString('latin1')).split('\n');
      line = lines.pop() ?? '';
      if (line.length > 20 && numbers.length + lines.length < wanted)
        throw broken(name, 'its map is unreadable');
      for (const text of lines) {
        if (numbers.length === wanted) break; // filling
        add(numbers, integer(text, name), name);
        if (numbers.length === 1) wanted = 1 + 2 * (numbers[0] ?? 0);
      }
      return numbers.length === wanted ? { sizeBytes, pieces: numbers.slice(1) } : undefined;
    },
  };
}

function add(numbers: number[], value: number, name: Buffer): void {
  if (value < 0) throw broken(name, 'its map has a negative number');
  if (numbers.length > 2 * mostPieces) {
    throw new LadingError(
      Code.ResourceExhausted,
      `tar: the sparse file ${shown(name)} has more than the ${mostPieces} pieces that are taken`,
      { reason: 'LAYER_LIMIT' },
    );
  }
  numbers.push(value);
}

function integer(text: string | undefined, name: Buffer): number {
  const value = /^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw broken(name, 'its map is unreadable');
  return value;
}

export function broken(name: Buffer, why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `tar: the sparse file ${shown(name)} is broken: ${why}`, {
    reason: 'TAR_SPARSE',
  });
}
