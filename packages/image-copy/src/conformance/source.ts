// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, digestBytes, parseDigest } from '@lading/image-spec';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImageSource } from '../types.ts';
import { makeTestImage, type TestImage } from './test-image.ts';

/** A place that holds one image. */
export interface SourceFixture {
  readonly source: ImageSource;
  /** What the source gives, where it does not keep the manifest and the layers as they were. */
  readonly image?: TestImage;
  dispose(): Promise<void>;
}

/**
 * The cases that every {@link ImageSource} is to pass. `open` is called for each case, puts the image where the
 * source reads from, and opens it.
 */
export function sourceConformance(name: string, open: (image: TestImage) => Promise<SourceFixture>): void {
  describe(`${name}, as a source`, () => {
    let fixture: SourceFixture | undefined;
    afterEach(async () => {
      await fixture?.source.close();
      await fixture?.dispose();
      fixture = undefined;
    });
    async function start(): Promise<{ image: TestImage; source: ImageSource }> {
      const image = await makeTestImage({ seed: 'source' });
      fixture = await open(image);
      return { image: fixture.image ?? image, source: fixture.source };
    }

    it('gives the bytes, the type and the digest of the manifest', async () => {
      const { image, source } = await start();
      const { bytes, mediaType, digest } = await source.manifest();
      expect({ mediaType, digest }).toEqual({ mediaType: image.top.mediaType, digest: image.top.digest });
      expect(Buffer.from(bytes).equals(image.top.bytes)).toBe(true);
    });

    it('gives the bytes of every blob', async () => {
      const { image, source } = await start();
      for (const descriptor of [image.config, ...image.layers]) {
        const bytes = Buffer.concat(await Array.fromAsync(source.blob(descriptor)));
        expect(await digestBytes(bytes)).toBe(descriptor.digest);
      }
    });

    it('tells how much of a blob has passed', async () => {
      const { image, source } = await start();
      const seen: number[] = [];
      await Array.fromAsync(source.blob(image.config, { onProgress: (current) => seen.push(current) }));
      expect(seen.at(-1)).toBe(image.config.size);
    });

    it('fails for a blob that it does not have', async () => {
      const { source } = await start();
      const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
      const missing: Descriptor = { mediaType: 'application/octet-stream', digest, size: 1 };
      expect(await failureOf(source.blob(missing))).toMatchObject({ code: Code.NotFound });
    });

    it('fails for a blob of another size than expected', async () => {
      const { image, source } = await start();
      for (const size of [image.config.size - 1, image.config.size + 1]) {
        expect(await failureOf(source.blob({ ...image.config, size }))).toMatchObject({
          code: Code.DataLoss,
        });
      }
    });

    it('ends when it is aborted', async () => {
      const { image, source } = await start();
      const signal = AbortSignal.abort();
      expect(await failureOf(source.blob(image.config, { signal }))).toMatchObject({ code: Code.Canceled });
    });
  });
}

async function failureOf(bytes: AsyncIterable<Uint8Array>): Promise<LadingError> {
  try {
    await Array.fromAsync(bytes);
  } catch (error) {
    return LadingError.from(error);
  }
  throw new Error('the blob was read to its end');
}
