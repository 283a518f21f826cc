// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { parseManifest } from '@lading/image-spec';
import { afterEach, describe, expect, it } from 'vitest';
import { hostPlatform } from '../choose-instance.ts';
import { copyImage } from '../copy-image.ts';
import type { ImageDestination, ImageSource } from '../types.ts';
import { createMemorySource, inPieces, makeTestImage, makeTestIndex, type TestImage } from './test-image.ts';

/** A place that images can be written to. */
export interface DestinationFixture {
  /** Opens the place again; the reference is the same each time. */
  destination(): Promise<ImageDestination>;
  /** Opens the same reference to be read. */
  source(): Promise<ImageSource>;
  /** Whether the manifest is kept as it is, or only the config, and with it the image's ID. Default: `manifest`. */
  readonly keeps?: 'manifest' | 'config';
  /** False when the place is written once, and refuses a second image. Default: true. */
  readonly isReplaced?: boolean;
  /** False when nothing of an earlier image is used for the next. Default: true. */
  readonly keepsBlobs?: boolean;
  dispose(): Promise<void>;
}

/** The cases that every {@link ImageDestination} is to pass. `start` is called for each case. */
export function destinationConformance(name: string, start: () => Promise<DestinationFixture>): void {
  describe(`${name}, as a destination`, () => {
    const cleanup: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const action of cleanup.splice(0).reverse()) await action();
    });
    async function place() {
      const fixture = await start();
      cleanup.push(() => fixture.dispose());
      const opened = async <T extends ImageDestination | ImageSource>(what: Promise<T>): Promise<T> => {
        const found = await what;
        cleanup.push(() => found.close());
        return found;
      };
      return {
        ...{ keeps: 'manifest', isReplaced: true, keepsBlobs: true, ...fixture },
        destination: () => opened(fixture.destination()),
        async manifest() {
          return (await opened(fixture.source())).manifest();
        },
        async holds(image: TestImage) {
          const { digest, bytes } = await (await opened(fixture.source())).manifest();
          if (fixture.keeps === 'config') return parseManifest(bytes).config.digest === image.config.digest;
          return digest === image.top.digest;
        },
      };
    }

    it('holds the image under the digest that it had', async () => {
      const { destination, keeps, holds } = await place();
      const image = await makeTestImage({ seed: 'copy' });
      const result = await copyImage(createMemorySource(image), await destination());
      if (keeps === 'manifest') expect(result.descriptor.digest).toBe(image.top.digest);
      expect(result.config).toBe(image.config.digest);
      expect(await holds(image)).toBe(true);
    });

    it('does not read layers again that it has', async () => {
      const { destination, keepsBlobs, isReplaced } = await place();
      const image = await makeTestImage({ seed: 'twice' });
      await copyImage(createMemorySource(image), await destination());
      if (!keepsBlobs || !isReplaced) return;
      const again = createMemorySource(image);
      await copyImage(again, await destination());
      for (const layer of image.layers) expect(again.reads.get(layer.digest)).toBeUndefined();
    });

    it('is replaced by a second image, or refuses it and stays', async () => {
      const { destination, isReplaced, holds } = await place();
      const first = await makeTestImage({ seed: 'one' });
      await copyImage(createMemorySource(first), await destination());
      const second = await makeTestImage({ seed: 'two', layers: 1 });
      const copying = async () => copyImage(createMemorySource(second), await destination());
      if (isReplaced) await copying();
      else await expect(copying()).rejects.toMatchObject({ code: Code.FailedPrecondition });
      expect(await holds(isReplaced ? second : first)).toBe(true);
    });

    it('shows nothing before the commit, and nothing after an abort', async () => {
      const { destination, manifest } = await place();
      const image = await makeTestImage({ seed: 'early', layers: 0 });
      const target = await destination();
      const source = createMemorySource(image);
      await target.putBlob(image.config, () => source.blob(image.config));
      await target.putManifest(image.top.bytes, image.top.mediaType);
      await expect(manifest()).rejects.toMatchObject({ code: Code.NotFound });
      await target.abort();
      await expect(manifest()).rejects.toMatchObject({ code: Code.NotFound });
    });

    const wrong: [string, (bytes: Uint8Array) => Uint8Array][] = [
      ['with a byte changed', (bytes) => bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1)],
      ['cut short', (bytes) => bytes.subarray(0, bytes.length - 1)],
      ['with a byte too many', (bytes) => new Uint8Array([...bytes, 0])],
      ['that is empty', () => new Uint8Array()],
    ];
    it.each(wrong)('refuses a layer %s', async (_name, spoil) => {
      const { destination, manifest } = await place();
      const image = await makeTestImage({ seed: 'wrong' });
      const source = createMemorySource(image);
      const lying: ImageSource = {
        ...source,
        blob: (descriptor, options) =>
          descriptor.digest === image.layers[0]?.digest
            ? inPieces(spoil(image.blobs.get(descriptor.digest) ?? new Uint8Array()))
            : source.blob(descriptor, options),
      };
      // A layer that does not unpack may be refused as such before its digest is known.
      await expect(copyImage(lying, await destination())).rejects.toMatchObject({
        code: expect.stringMatching(`^(?:${Code.DataLoss}|${Code.InvalidArgument})$`),
      });
      await expect(manifest()).rejects.toMatchObject({ code: Code.NotFound });
    });

    it('shows nothing of a copy that was aborted half-way', async () => {
      const { destination, manifest } = await place();
      const image = await makeTestImage({ seed: 'abort' });
      const source = createMemorySource(image);
      const abort = new AbortController();
      const stopping: ImageSource = {
        ...source,
        async *blob(descriptor, options) {
          for await (const chunk of source.blob(descriptor, options)) {
            if (descriptor.digest === image.layers[1]?.digest) abort.abort();
            yield chunk;
          }
        },
      };
      const copying = copyImage(stopping, await destination(), { signal: abort.signal });
      await expect(copying).rejects.toMatchObject({ code: Code.Canceled });
      await expect(manifest()).rejects.toMatchObject({ code: Code.NotFound });
    });

    it('takes every image of an index, or says that it takes one', async () => {
      const { destination, manifest } = await place();
      const platforms = [hostPlatform(), { os: 'linux', architecture: 's390x' }];
      const images = await Promise.all(
        platforms.map(async (platform, i) => ({
          image: await makeTestImage({ seed: `index ${i}`, platform }),
          platform,
        })),
      );
      const index = await makeTestIndex(images);
      const target = await destination();
      const copying = copyImage(createMemorySource(index), target, { platform: 'all' });
      if (target.takesIndexes === false) {
        await expect(copying).rejects.toMatchObject({ code: Code.Unimplemented });
        return;
      }
      expect((await copying).descriptor.digest).toBe(index.top.digest);
      expect((await manifest()).digest).toBe(index.top.digest);
    });
  });
}
