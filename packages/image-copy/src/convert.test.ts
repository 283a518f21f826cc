// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { MediaType, parseIndex, parseManifest } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage, makeTestIndex } from './conformance.ts';
import { convertManifest } from './convert.ts';
import { copyImage, type ImageDestination } from './index.ts';

/** A destination that keeps what it is given. */
function keeper(
  manifestTypes?: readonly string[],
): ImageDestination & { readonly kept: [string, Uint8Array][] } {
  const kept: [string, Uint8Array][] = [];
  return {
    reference: 'keeper:',
    manifestTypes,
    kept,
    putBlob: async () => 'exists',
    async putManifest(bytes, mediaType) {
      kept.push([mediaType, bytes]);
    },
    async commit() {},
    async abort() {},
    async close() {},
  };
}

describe('conversion', () => {
  it('changes media types and nothing else, there and back', async () => {
    const image = await makeTestImage({ seed: 'x', format: 'v2s2' });
    const docker = parseManifest(image.top.bytes);
    const oci = convertManifest(docker, 'oci');
    expect([oci.mediaType, oci.config.mediaType, ...oci.layers.map((l) => l.mediaType)]).toEqual([
      MediaType.ImageManifest,
      MediaType.ImageConfig,
      MediaType.LayerGzip,
      MediaType.LayerGzip,
    ]);
    expect(oci.layers.map((l) => l.digest)).toEqual(docker.layers.map((l) => l.digest));
    expect(convertManifest(oci, 'v2s2')).toEqual(docker);
  });

  it('refuses to write in the format of Docker what has no form there', async () => {
    const { layers, config } = await makeTestImage({ seed: 'x' });
    const [layer = config] = layers;
    const zstd = {
      schemaVersion: 2,
      config,
      layers: [{ ...layer, mediaType: MediaType.LayerZstd }],
    } as const;
    const artifact = { schemaVersion: 2, config: { ...config, mediaType: MediaType.Empty }, layers } as const;
    for (const manifest of [zstd, artifact]) {
      expect(() => convertManifest(manifest, 'v2s2')).toThrow(
        expect.objectContaining({ code: Code.Unimplemented }),
      );
    }
  });

  const types = [MediaType.ImageManifest, MediaType.ImageIndex];
  const cases = [
    [
      'happens where the destination does not take the format',
      { manifestTypes: types },
      MediaType.ImageManifest,
    ],
    ['happens where it is asked for', { format: 'oci' }, MediaType.ImageManifest],
    ['does not happen where any format is taken', {}, MediaType.DockerManifest],
    [
      'does not happen where digests are to be preserved',
      { manifestTypes: types, preserveDigests: true },
      MediaType.DockerManifest,
    ],
  ] as const;
  it.each(cases)('%s', async (_name, options, expected) => {
    const target = keeper('manifestTypes' in options ? options.manifestTypes : undefined);
    const image = await makeTestImage({ seed: 'x', format: 'v2s2' });
    const { descriptor } = await copyImage(createMemorySource(image), target, {
      format: 'format' in options ? options.format : undefined,
      preserveDigests: 'preserveDigests' in options,
    });
    expect(target.kept.map(([type]) => type)).toEqual([expected]);
    expect(descriptor.mediaType).toBe(expected);
  });

  it('rewrites an index with the digests of the converted images', async () => {
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ];
    const images = await Promise.all(
      platforms.map(async (platform, i) => ({
        image: await makeTestImage({ seed: String(i), format: 'v2s2', platform }),
        platform,
      })),
    );
    const target = keeper(types);
    await copyImage(createMemorySource(await makeTestIndex(images, 'v2s2')), target, { platform: 'all' });
    expect(target.kept.map(([type]) => type)).toEqual([
      MediaType.ImageManifest,
      MediaType.ImageManifest,
      MediaType.ImageIndex,
    ]);
    const { manifests } = parseIndex(target.kept[2]?.[1] ?? new Uint8Array());
    expect(manifests.map(({ platform }) => platform)).toEqual(platforms);
    expect(manifests.map(({ mediaType }) => mediaType)).toEqual([
      MediaType.ImageManifest,
      MediaType.ImageManifest,
    ]);
  });

  it('is not asked for together with preserved digests', async () => {
    const image = await makeTestImage({ seed: 'x' });
    const copying = copyImage(createMemorySource(image), keeper(), { format: 'oci', preserveDigests: true });
    await expect(copying).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});
