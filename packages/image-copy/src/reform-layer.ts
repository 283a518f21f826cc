// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import { compressLayer, decompress, type LayerSource } from '@lading/layer';
import type { ContentSource, StreamedBlob } from '@lading/registry-client';
import { describeReformed, type LayerForm } from './layer-forms.ts';
import type { BlobOptions } from './types.ts';
import { isVerified, passing, verifiedBytes } from './verified.ts';

/** A layer, and what is known of it. */
export interface LayerToReform {
  readonly layer: Descriptor;
  /** True when the layer is a tar archive that is not compressed. */
  readonly isPlain: boolean;
  /** Digest of the archive as the image's config lists it. */
  readonly diffId: Digest | undefined;
}

/** A layer in another form, while it is made. */
export interface ReformedLayer extends StreamedBlob {
  /** Once its bytes have been read. @throws DataLoss (`DIFF_ID_MISMATCH`) */
  result(): Descriptor;
}

/**
 * A layer in another form, as it is read and verified.
 *
 * @throws by `result()`: DataLoss (`DIFF_ID_MISMATCH`) when the archive in it is not the one that the config lists
 */
export function reformLayer(
  { layer, isPlain, diffId: expected }: LayerToReform,
  source: ContentSource,
  { compression, level }: LayerForm,
  { signal, onProgress }: BlobOptions,
): ReformedLayer {
  // What is not compressed and verifies itself need not be hashed a second time.
  const known = isPlain && isVerified(source, layer.digest) ? layer.digest : undefined;
  const bytes = counted(verifiedBytes(source, layer, signal), onProgress);
  const archive = isPlain ? bytes : unpacked(bytes);
  const { chunks, result } = compressLayer(archive, { compression, level, diffId: known, signal });
  return {
    chunks,
    result() {
      const { descriptor, diffId } = result();
      if (expected?.startsWith('sha256:') && expected !== diffId) {
        throw new LadingError(
          Code.DataLoss,
          `the layer ${layer.digest} holds the archive ${diffId}, its config lists ${expected}`,
          { reason: 'DIFF_ID_MISMATCH', details: { side: 'source' } },
        );
      }
      return describeReformed(layer, compression, descriptor);
    },
  };
}

function counted(source: ContentSource, onProgress: BlobOptions['onProgress']): LayerSource {
  let read = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      read += chunk.length;
      yield chunk;
      onProgress?.(read);
    }
  }
  return passing(source, chunks());
}

function unpacked(source: LayerSource): LayerSource {
  const { chunks, release } = decompress(source);
  return Object.assign(chunks, { recycle: release });
}
