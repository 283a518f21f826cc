// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerLimits } from './limits.ts';
import { type PaxRecords, parsePax } from './pax.ts';
import { entryOf, type TarEntry } from './tar-entry.ts';
import {
  blockSize,
  type HeaderType,
  isZeroBlock,
  type MetaType,
  parseHeader,
  shown,
  type TarHeader,
} from './tar-header.ts';
import { broken, checkSparseMap, type SparseReader, sparseMapOf } from './tar-sparse.ts';

/** What a parser tells, in the order of the archive. Chunks are views that are only good during the call. */
export interface TarListener {
  /** Bytes that are no content of a file: headers, padding, zero blocks, and all that follows them. */
  onRaw(bytes: Buffer): void;
  onEntry(entry: TarEntry): void;
  onContent(bytes: Buffer): void;
  /** The content of the entry is complete. */
  onEntryEnd(): void;
  /** A pax global header, which has a name and no effect here. */
  onGlobalHeader(name: Buffer): void;
}

export interface TarParser {
  push(chunk: Buffer): void;
  /** @throws LadingError `data_loss` when the archive was cut */
  end(): void;
}

/**
 * A tar reader that is pushed to. It is our own because tar-split needs the raw bytes of every header, which
 * libraries keep to themselves, and because an extraction is as fast as its reader.
 */
export function createTarParser(listener: TarListener, limits: LayerLimits): TarParser {
  const header = Buffer.alloc(blockSize);
  let filled = 0;
  let content = 0; // bytes of the entry still to come
  let padding = 0;
  let meta: { type: MetaType; body: Buffer; filled: number; name: Buffer } | undefined;
  let pax: PaxRecords | undefined;
  let gnuName: Buffer | undefined;
  let gnuLink: Buffer | undefined;
  let sparse: { readonly reader: SparseReader; readonly entry: TarEntry } | undefined;
  let entries = 0;
  let zeroBlocks = 0;
  let ended = false;

  const beginMeta = (parsed: TarHeader, type: MetaType): void => {
    if (parsed.size > limits.paxBytes) {
      throw new LadingError(
        Code.ResourceExhausted,
        `tar: an extended header of ${shown(parsed.name)} has ${parsed.size} bytes; at most ${limits.paxBytes} are taken`,
        { reason: 'LAYER_LIMIT' },
      );
    }
    meta = { type, body: Buffer.alloc(parsed.size), filled: 0, name: parsed.name };
    padding = -parsed.size & (blockSize - 1);
    if (parsed.size === 0) endMeta();
  };
  const endMeta = (): void => {
    if (meta === undefined) return;
    const { type, body, name } = meta;
    meta = undefined;
    if (type === 'pax') pax = parsePax(body);
    else if (type === 'pax-global') {
      parsePax(body);
      // Go's reader gives it out as an entry, and what stood before it is forgotten.
      pax = gnuName = gnuLink = undefined;
      listener.onGlobalHeader(name);
    } else if (type === 'gnu-name') gnuName = beforeNul(body);
    else gnuLink = beforeNul(body);
  };
  const beginEntry = (parsed: TarHeader, type: Exclude<HeaderType, MetaType>): void => {
    if (++entries > limits.entries) {
      throw new LadingError(
        Code.ResourceExhausted,
        `tar: ${shown(parsed.name)} is one more than the ${limits.entries} entries that are taken`,
        { reason: 'LAYER_LIMIT' },
      );
    }
    const entry = entryOf({ ...parsed, type }, pax, gnuName, gnuLink, limits);
    const map = sparseMapOf({ type, name: entry.name }, header, pax);
    pax = gnuName = gnuLink = undefined;
    // Only files have content; the size in other headers says nothing.
    content = entry.type === 'file' ? entry.size : 0;
    padding = -content & (blockSize - 1);
    if (map === undefined) startEntry(entry);
    else if (entry.type !== 'file') throw broken(entry.name, 'it is no file');
    else if ('pieces' in map) startEntry({ ...entry, sparse: map });
    else if (map.isContent && content < blockSize) throw broken(entry.name, 'its map has no end');
    else sparse = { reader: map, entry };
  };
  const startEntry = (entry: TarEntry): void => {
    if (entry.sparse !== undefined) checkSparseMap(entry.sparse, content, entry.name);
    listener.onEntry(entry.sparse === undefined ? entry : { ...entry, size: content });
    if (content === 0) listener.onEntryEnd();
  };
  /** A block of a sparse map. */
  const onMapBlock = ({ reader, entry }: NonNullable<typeof sparse>): void => {
    const map = reader.push(header);
    if (map !== undefined) {
      sparse = undefined;
      startEntry({ ...entry, sparse: map });
    } else if (reader.isContent && content < blockSize) throw broken(entry.name, 'its map has no end');
  };
  const onHeader = (): void => {
    if (isZeroBlock(header)) {
      zeroBlocks += 1;
      if (zeroBlocks === 2) ended = true;
      return;
    }
    if (zeroBlocks > 0) {
      // Readers do not agree whether the archive ends here, so that it could be one thing to a scanner and another here.
      throw new LadingError(Code.InvalidArgument, 'tar: an entry follows a lone block of zeros', {
        reason: 'TAR_ZERO_BLOCK',
      });
    }
    const parsed = parseHeader(header);
    const { type } = parsed;
    if (type === 'pax' || type === 'pax-global' || type === 'gnu-name' || type === 'gnu-link') {
      beginMeta(parsed, type);
    } else beginEntry(parsed, type);
  };

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        const rest = chunk.length - at;
        if (ended) {
          listener.onRaw(at === 0 ? chunk : chunk.subarray(at));
          return;
        }
        if (meta !== undefined) {
          const take = Math.min(rest, meta.body.length - meta.filled);
          const piece = chunk.subarray(at, at + take);
          piece.copy(meta.body, meta.filled);
          listener.onRaw(piece);
          meta.filled += take;
          at += take;
          if (meta.filled === meta.body.length) endMeta();
        } else if (content > 0 && sparse === undefined) {
          const take = Math.min(rest, content);
          listener.onContent(chunk.subarray(at, at + take));
          content -= take;
          at += take;
          if (content === 0) listener.onEntryEnd();
        } else if (padding > 0 && sparse === undefined) {
          const take = Math.min(rest, padding);
          listener.onRaw(chunk.subarray(at, at + take));
          padding -= take;
          at += take;
        } else {
          const take = Math.min(rest, blockSize - filled);
          const piece = chunk.subarray(at, at + take);
          piece.copy(header, filled);
          listener.onRaw(piece);
          filled += take;
          at += take;
          if (sparse?.reader.isContent) content -= take;
          if (filled === blockSize) {
            filled = 0;
            if (sparse === undefined) onHeader();
            else onMapBlock(sparse);
          }
        }
      }
    },
    end() {
      // Archives without their zero blocks exist, and are taken; one that ends inside an entry is cut.
      const isPending =
        meta !== undefined ||
        sparse !== undefined ||
        pax !== undefined ||
        gnuName !== undefined ||
        gnuLink !== undefined;
      if (content > 0 || filled > 0 || isPending) {
        throw new LadingError(Code.DataLoss, 'tar: the archive ends in the middle of an entry', {
          reason: 'TRUNCATED',
        });
      }
    },
  };
}

function beforeNul(body: Buffer): Buffer {
  const end = body.indexOf(0);
  return end === -1 ? body : body.subarray(0, end);
}
