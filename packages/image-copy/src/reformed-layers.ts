// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Descriptor, digestHex } from '@lading/image-spec';
import { readBlobFile } from './blob-file.ts';
import type { ReformedLayer } from './reform-layer.ts';
import type { BlobOptions, CallOptions } from './types.ts';

/** Layers in another form, in files that last until `close()`. */
export interface ReformedLayers {
  /** Reads a layer to a file. */
  add(layer: ReformedLayer, options: CallOptions): Promise<Descriptor>;
  open(layer: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** For destinations that must know a digest before they are sent a blob, or a size before a tar member. */
export function createReformedLayers(): ReformedLayers {
  let folder: Promise<string> | undefined;
  let added = 0;

  return {
    async add({ chunks, result }, { signal }) {
      folder ??= mkdtemp(join(tmpdir(), 'lading-layers-'));
      const path = join(await folder, `${++added}.part`);
      await pipeline(
        Readable.from(chunks),
        createWriteStream(path, { mode: 0o600 }),
        signal === undefined ? {} : { signal },
      );
      const descriptor = result();
      await rename(path, join(await folder, digestHex(descriptor.digest)));
      return descriptor;
    },
    async *open(layer, options) {
      yield* readBlobFile(join((await folder) ?? '', digestHex(layer.digest)), layer, options);
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
