// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from './conformance.ts';
import { copyImage } from './copy-image.ts';
import { type RateClock, withRateLimit } from './rate-limit.ts';
import type { ImageDestination, ImageSource, ManifestBytes } from './types.ts';

/** A clock that goes on when someone waits. */
function makeClock(): RateClock & { readonly waits: number[] } {
  const waits: number[] = [];
  let nowMs = 5000;
  return {
    waits,
    now: () => nowMs,
    async pause(waitMs) {
      waits.push(waitMs);
      nowMs += waitMs;
    },
  };
}

describe('a source with a limit', () => {
  it('gives the same bytes, each piece when the time of the one before is over', async () => {
    const image = await makeTestImage({ seed: 'rate' });
    const clock = makeClock();
    const source = withRateLimit(createMemorySource(image), 1000, clock);
    const [layer] = image.layers;
    if (layer === undefined) throw new Error('the image has no layer');
    const chunks = await Array.fromAsync(source.blob(layer), (chunk) => Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(image.blobs.get(layer.digest) ?? Buffer.alloc(0))).toBe(true);
    expect(clock.waits).toHaveLength(chunks.length - 1);
    const waitedMs = clock.waits.reduce((sum, wait) => sum + wait, 0);
    expect(waitedMs).toBeCloseTo(layer.size - (chunks.at(-1)?.length ?? 0), 3);
  });

  it('has one limit for all that is read at a time', async () => {
    const image = await makeTestImage({ seed: 'rate' });
    const clock = makeClock();
    const source = withRateLimit(createMemorySource(image), 1000, clock);
    await Promise.all([0, 1].map(() => Array.fromAsync(source.blob(image.config))));
    const last = clock.waits.length;
    await Array.fromAsync(source.blob(image.config));
    expect(clock.waits.length).toBeGreaterThan(last);
  });

  it('may be of a class, with members that only it can reach', async () => {
    const image = await makeTestImage({ seed: 'rate' });
    class OwnSource implements ImageSource {
      readonly #inner = createMemorySource(image);
      get reference(): string {
        return this.#inner.reference;
      }
      manifest(instance?: Digest): Promise<ManifestBytes> {
        return this.#inner.manifest(instance);
      }
      blob(descriptor: Descriptor): ContentSource {
        return this.#inner.blob(descriptor);
      }
      blobFrom(descriptor: Descriptor, offset: number): ContentSource {
        return (async function* (all) {
          yield Buffer.concat(await Array.fromAsync(all)).subarray(offset);
        })(this.blob(descriptor));
      }
      close(): Promise<void> {
        return this.#inner.close();
      }
    }
    const source = withRateLimit(new OwnSource(), 1000, makeClock());
    expect(source.reference).toBe(createMemorySource(image).reference);
    expect((await source.manifest()).digest).toBe(image.top.digest);
    const { config } = image;
    const bytes = Buffer.from(image.blobs.get(config.digest) ?? []);
    const read = async (from: AsyncIterable<Uint8Array> | undefined) =>
      Buffer.concat(await Array.fromAsync(from ?? []));
    expect((await read(source.blob(config))).equals(bytes)).toBe(true);
    expect((await read(source.blobFrom?.(config, 3))).equals(bytes.subarray(3))).toBe(true);
    await source.close();
  });

  it.each([0, -1, Number.NaN])('of %d is refused', async (bytesPerSecond) => {
    const source = createMemorySource(await makeTestImage({ seed: 'rate' }));
    const destination: ImageDestination = {
      reference: 'nowhere',
      putBlob: () => Promise.reject(new Error('unused')),
      putManifest: () => Promise.reject(new Error('unused')),
      commit: () => Promise.reject(new Error('unused')),
      abort: async () => {},
      close: async () => {},
    };
    await expect(copyImage(source, destination, { bytesPerSecond })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});
