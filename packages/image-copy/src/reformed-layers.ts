// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestHex, parseDigest } from '@lading/image-spec';
import { readBlobFile } from './blob-file.ts';
import { type LayerForm, layerTypeIn } from './layer-forms.ts';
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
      const plain = createHash('sha256');
      const written = form.compression === 'none' ? plain : createHash('sha256');
      let size = 0;
      await pipeline(
        Readable.from(archiveOf(source, written === plain ? undefined : plain, onProgress)),
        compressor(form),
        measure(written, (length) => {
          size += length;
        }),
        createWriteStream(path, { mode: 0o600 }),
        signal === undefined ? {} : { signal },
      );
      const digest = parseDigest(`sha256:${written.digest('hex')}`);
      const diffId = written === plain ? digest : parseDigest(`sha256:${plain.digest('hex')}`);
      if (expected?.startsWith('sha256:') && expected !== diffId) {
        throw new LadingError(
          Code.DataLoss,
          `the layer ${layer.digest} holds the archive ${diffId}, its config lists ${expected}`,
          { reason: 'DIFF_ID_MISMATCH', details: { side: 'source' } },
        );
      }
      await rename(path, join(await folder, digestHex(digest)));
      return { mediaType: layerTypeIn(form.compression, layer.mediaType), digest, size };
    },
    async *open(layer, options) {
      yield* readBlobFile(join((await folder) ?? '', digestHex(layer.digest)), layer, options);
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}

/** The uncompressed archive of a layer, hashed where a hash is given. */
async function* archiveOf(
  source: AsyncIterable<Uint8Array>,
  hash: Hash | undefined,
  onProgress: BlobOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  let read = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      read += chunk.length;
      yield chunk;
      onProgress?.(read);
    }
  };
  // Loaded when a layer changes: most copies do without.
  const { decompress } = await import('@lading/layer');
  for await (const chunk of decompress(counted()).chunks) {
    hash?.update(chunk);
    yield chunk;
  }
}

function compressor({ compression, level }: LayerForm): Transform {
  if (compression === 'none') return new PassThrough();
  if (compression === 'gzip') return createGzip(level === undefined ? {} : { level });
  const { ZSTD_c_compressionLevel: key } = constants;
  return createZstdCompress(level === undefined ? {} : { params: { [key]: level } });
}

function measure(hash: Hash, onLength: (length: number) => void): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      onLength(chunk.length);
      done(null, chunk);
    },
  });
}
