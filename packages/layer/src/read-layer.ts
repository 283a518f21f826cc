// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { decompress } from './decompress.ts';
import { createLayerBudget } from './layer-budget.ts';
import type { LayerSource } from './layer-source.ts';
import { defaultLimits, type LayerLimits } from './limits.ts';
import type { TarEntry } from './tar-entry.ts';
import { createTarParser } from './tar-parser.ts';
import type { SparseMap } from './tar-sparse.ts';
import { untilAborted } from './until-aborted.ts';

/** What a layer holds, in its order: each entry, then its content in pieces, then its end. */
export type LayerEvent =
  /** A sparse file comes as what it stands for: its size and content are with the holes. */
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  /** Good until the next event is asked for. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** Options of {@link readLayer}. */
export interface ReadLayerOptions {
  /** What the uncompressed archive must be. Default: nothing is known of it. */
  readonly diffId?: Digest | undefined;
  readonly limits?: Partial<LayerLimits> | undefined;
  /** Ends it at once, also while the source gives nothing. */
  readonly signal?: AbortSignal | undefined;
}

type Found = LayerEvent | { readonly kind: 'hole'; readonly sizeBytes: number };

const zeros: Uint8Array = new Uint8Array(1 << 16);

/**
 * Reads a layer (tar, plain or compressed with gzip, zstd, bzip2 or xz, told by its content) without unpacking it; its
 * names are as they stand in the archive, and may be hostile. Memory is bounded for any layer.
 *
 * @throws LadingError `invalid_argument` for a broken archive; `resource_exhausted` for a limit; `data_loss` for one
 * that was cut, or is another than the diffID says; `canceled`; what the source throws
 */
export async function* readLayer(
  source: LayerSource,
  { diffId, signal, ...options }: ReadLayerOptions = {},
): AsyncGenerator<LayerEvent> {
  const limits = { ...defaultLimits, ...options.limits };
  const budget = createLayerBudget(limits);
  const plain = diffId === undefined ? undefined : createHash('sha256');
  let compressedBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of untilAborted(source, signal)) {
      compressedBytes += chunk.length;
      yield chunk;
    }
  }
  const { found, parser } = collector(limits, (entry) => budget.began(entry));
  const recycle = (chunk: Uint8Array): void => source.recycle?.(chunk);
  const { chunks, release } = decompress(Object.assign(counted(), { recycle }));
  for await (const chunk of chunks) {
    plain?.update(chunk);
    budget.took(chunk.length, compressedBytes);
    parser.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    for (const event of found) {
      if (event.kind !== 'hole') yield event;
      else {
        for (let left = event.sizeBytes; left > 0; left -= zeros.length) {
          signal?.throwIfAborted();
          yield { kind: 'content', bytes: left < zeros.length ? zeros.subarray(0, left) : zeros };
        }
      }
    }
    found.length = 0;
    release(chunk);
  }
  parser.end();
  if (plain === undefined || `sha256:${plain.digest('hex')}` === diffId) return;
  throw new LadingError(Code.DataLoss, `the layer is not the one that its image lists as ${diffId}`, {
    reason: 'DIGEST_MISMATCH',
  });
}

function collector(limits: LayerLimits, began: (entry: TarEntry) => void) {
  const found: Found[] = [];
  let sparse: { put(bytes: Buffer): void; end(): void } | undefined;
  const parser = createTarParser(
    {
      onRaw() {},
      onEntry(parsed) {
        began(parsed);
        const { sparse: map, ...entry } = parsed;
        if (map !== undefined) sparse = expanded(map, found);
        const size = map?.sizeBytes ?? entry.size;
        // The parser's own buffers serve again for the next header.
        const [name, linkName] = [Buffer.from(entry.name), Buffer.from(entry.linkName)];
        found.push({ kind: 'entry', entry: { ...entry, name, linkName, size } });
      },
      onContent(bytes) {
        if (sparse === undefined) found.push({ kind: 'content', bytes });
        else sparse.put(bytes);
      },
      onEntryEnd() {
        sparse?.end();
        sparse = undefined;
        found.push({ kind: 'end' });
      },
      onGlobalHeader() {},
    },
    limits,
  );
  return { found, parser };
}

/** Puts the holes of a sparse file between its pieces. */
function expanded({ sizeBytes, pieces }: SparseMap, found: Found[]) {
  let at = 0;
  let next = 0;
  let left = 0;
  const skipTo = (offset: number): void => {
    if (offset > at) found.push({ kind: 'hole', sizeBytes: offset - at });
    at = offset;
  };
  return {
    put(bytes: Buffer): void {
      for (let taken = 0; taken < bytes.length; ) {
        while (left === 0) {
          skipTo(pieces[next] ?? at);
          left = pieces[next + 1] ?? bytes.length;
          next += 2;
        }
        const piece = bytes.subarray(taken, taken + left);
        found.push({ kind: 'content', bytes: piece });
        taken += piece.length;
        left -= piece.length;
        at += piece.length;
      }
    },
    end: () => skipTo(sizeBytes),
  };
}

/** The content that comes next, up to its end. The events go on after it. */
export async function* nextContent(events: AsyncIterator<LayerEvent>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await events.next();
    if (next.done || next.value.kind === 'end') return;
    if (next.value.kind === 'content') yield next.value.bytes;
  }
}
