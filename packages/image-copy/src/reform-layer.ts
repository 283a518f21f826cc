// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, parseDigest } from '@lading/image-spec';
import { compressLayer, decompress, type LayerSource } from '@lading/layer';
import type { ContentSource, StreamedBlob } from '@lading/registry-client';
import type { DecryptionKey, EncryptionKey } from './encryption/keys.ts';
import { decryptLayer, encryptLayer } from './encryption/layer-cipher.ts';
import type { KnownBlob } from './known-lines.ts';
import { describeReformed, type LayerForm } from './layer-forms.ts';
import type { BlobOptions } from './types.ts';
import { isChecked, passing, verifiedBytes } from './verified.ts';

/** A layer, and what is known of it. */
export interface LayerToReform {
  readonly layer: Descriptor;
  /** True when the layer is a tar archive that is not compressed. */
  readonly isPlain: boolean;
  /** Digest of the archive as the image's config lists it. */
  readonly diffId: Digest | undefined;
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  readonly decryptionKeys?: readonly DecryptionKey[] | undefined;
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
  { layer, isPlain, diffId: expected, encryptionKeys = [], decryptionKeys = [] }: LayerToReform,
  source: ContentSource,
  form: LayerForm,
  { signal, onProgress }: BlobOptions,
): ReformedLayer {
  const { compression, level, crypto } = form;
  // What is not compressed and verifies itself need not be hashed a second time.
  const isKnown = isPlain && crypto === undefined && isChecked(source, layer.digest);
  const known = isKnown ? layer.digest : undefined;
  const read = counted(isKnown ? source : verifiedBytes(source, layer, signal), onProgress);
  const bytes = crypto === 'decrypt' ? decryptLayer(layer, read, decryptionKeys) : read;
  const blob = compression === 'kept' ? measured(bytes) : compressed(isPlain ? bytes : unpacked(bytes));
  if (crypto !== 'encrypt') {
    return { chunks: blob.chunks, result: () => describeReformed(layer, form, blob.result()) };
  }
  const encrypted = encryptLayer(layer, blob.chunks, encryptionKeys);
  const { chunks, result } = measured(encrypted.chunks);
  return {
    chunks,
    result() {
      blob.result(); // checks what is in the layer
      return describeReformed(layer, form, { ...result(), annotations: encrypted.annotations() });
    },
  };

  function compressed(archive: LayerSource): StreamedBlob & { result(): Descriptor } {
    const made = compressLayer(archive, {
      ...(compression === 'kept' ? {} : { compression }),
      level,
      ...(isPlain && { expectedBytes: layer.size }),
      diffId: known,
      signal,
    });
    return {
      chunks: made.chunks,
      result() {
        const { descriptor, diffId } = made.result();
        if (expected === undefined || !expected.startsWith('sha256:') || expected === diffId)
          return descriptor;
        throw new LadingError(
          Code.DataLoss,
          `the layer ${layer.digest} holds the archive ${diffId}, its config lists ${expected}`,
          { reason: 'DIFF_ID_MISMATCH', details: { side: 'source' } },
        );
      },
    };
  }
}

/** Bytes as they are, whose digest and size are known at their end. */
function measured(bytes: AsyncIterable<Uint8Array>): StreamedBlob & { result(): KnownBlob } {
  const hash = createHash('sha256');
  let size = 0;
  let digest: Digest | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    digest = parseDigest(`sha256:${hash.digest('hex')}`);
  }
  return {
    chunks: chunks(),
    result() {
      if (digest !== undefined) return { digest, size };
      throw new LadingError(Code.FailedPrecondition, 'the layer has not been read to its end');
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
