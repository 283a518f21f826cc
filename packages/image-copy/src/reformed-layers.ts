// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestHex } from '@lading/image-spec';
import { readBlobFile } from './blob-file.ts';
import { describeReformed, type LayerForm } from './layer-forms.ts';
import type { BlobOptions } from './types.ts';

/** Layers in another form, in files that last until `close()`. */
export interface ReformedLayers {
  /**
   * Reads a layer, verified, and writes it in another form.
   *
   * @throws DataLoss (`DIFF_ID_MISMATCH`) when the archive in it is not the one that the config lists
   */
  add(
    layer: Descriptor,
    source: AsyncIterable<Uint8Array>,
    form: LayerForm,
    expected: Digest | undefined,
    options: BlobOptions,
  ): Promise<Descriptor>;
  open(layer: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A digest must be known before a blob is sent, and a size before a tar member: so layers go through files. */
export function createReformedLayers(): ReformedLayers {
  let folder: Promise<string> | undefined;

  return {
    async add(layer, source, form, expected, { signal, onProgress }) {
      folder ??= mkdtemp(join(tmpdir(), 'lading-layers-'));
      const path = join(await folder, `${digestHex(layer.digest)}.part`);
      // Loaded when a layer changes: most copies do without.
      const { compressLayer, decompress } = await import('@lading/layer');
      const archive = decompress(counted(source, onProgress)).chunks;
      const { chunks, result } = compressLayer(archive, { ...form, signal });
      await writeFile(path, chunks, { mode: 0o600, flag: 'wx' });
      const { descriptor, diffId } = result();
      if (expected?.startsWith('sha256:') && expected !== diffId) {
        throw new LadingError(
          Code.DataLoss,
          `the layer ${layer.digest} holds the archive ${diffId}, its config lists ${expected}`,
          { reason: 'DIFF_ID_MISMATCH', details: { side: 'source' } },
        );
      }
      await rename(path, join(await folder, digestHex(descriptor.digest)));
      return describeReformed(layer, form.compression, descriptor);
    },
    async *open(layer, options) {
      yield* readBlobFile(join((await folder) ?? '', digestHex(layer.digest)), layer, options);
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onProgress: BlobOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.length;
    yield chunk;
    onProgress?.(read);
  }
}
