// SPDX-License-Identifier: Apache-2.0
import { MediaType } from '@lading/image-spec';
import { afterEach, describe, expect, it } from 'vitest';
import { copyImage } from '../copy-image.ts';
import type { ImageDestination, ImageSource } from '../types.ts';
import { verifiedBytes } from '../verified.ts';
import type { DestinationFixture } from './destination.ts';
import { createMemorySource, makeTestImage } from './test-image.ts';

/** A transport that is read and written. */
export interface Place {
  readonly name: string;
  start(): Promise<Pick<DestinationFixture, 'destination' | 'source' | 'dispose'>>;
}

/**
 * Copies an image from every place to every place, itself too, and finds the same image there: the same ID, and
 * under every layer the archive that the config lists.
 */
export function pairConformance(places: readonly Place[]): void {
  const pairs = places.flatMap((from) =>
    places.flatMap((to) => (['oci', 'v2s2'] as const).map((format) => ({ from, to, format }))),
  );
  describe('an image of every place in every place', () => {
    const cleanup: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const action of cleanup.splice(0).reverse()) await action();
    });
    const opened = async <T extends ImageDestination | ImageSource>(what: Promise<T>): Promise<T> => {
      const found = await what;
      cleanup.push(() => found.close());
      return found;
    };

    it.each(pairs)('$from.name → $to.name ($format)', async ({ from, to, format }) => {
      const image = await makeTestImage({ seed: `${from.name} ${to.name} ${format}`, layers: 3, format });
      const fixtures = [];
      for (const place of [from, to]) {
        const fixture = await place.start();
        cleanup.push(() => fixture.dispose());
        fixtures.push(fixture);
      }
      let source: ImageSource = createMemorySource(image);
      for (const fixture of fixtures) {
        const { config } = await copyImage(source, await opened(fixture.destination()));
        expect(config).toBe(image.config.digest);
        source = await opened(fixture.source());
      }
      const last = createUnpackedDestination();
      expect((await copyImage(source, last)).config).toBe(image.config.digest);
      expect(last.layers).toEqual(image.diffIds);
    });
  });
}

/** Takes layers unpacked, in their order, and keeps their digests. */
function createUnpackedDestination(): ImageDestination & { readonly layers: string[] } {
  const layers: string[] = [];
  return {
    reference: 'memory:unpacked',
    manifestTypes: [MediaType.DockerManifest],
    layerCompression: 'uncompressed',
    putsInOrder: true,
    layers,
    async putBlob(descriptor, source, { layer, signal } = {}) {
      await Array.fromAsync(verifiedBytes(source(), descriptor, signal));
      if (layer !== undefined) layers.push(descriptor.digest);
      return 'stored';
    },
    async putManifest() {},
    async commit() {},
    async abort() {},
    async close() {},
  };
}
