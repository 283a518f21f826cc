// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, digestBytes, encodeJson, MediaType, parseManifest } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemorySource, makeTestImage, makeTestIndex, type TestImage } from './conformance.ts';
import {
  type CopyOptions,
  copyImage,
  type ImageDestination,
  type ImageSource,
  openDestination,
  openKnownLayers,
  openSource,
} from './index.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cwd, { recursive: true, force: true });
});

async function copyTo(source: ImageSource, reference: string, options: CopyOptions = {}, context = {}) {
  return copyImage(source, await openDestination(reference, { cwd, ...context }), options);
}

async function layersIn(reference: string): Promise<readonly [Descriptor, Buffer][]> {
  const source = await openSource(reference, { cwd });
  const { layers } = parseManifest((await source.manifest()).bytes);
  return Promise.all(
    layers.map(
      async (layer): Promise<[Descriptor, Buffer]> => [
        layer,
        Buffer.concat(await Array.fromAsync(source.blob(layer))),
      ],
    ),
  );
}

const unpackers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  [MediaType.LayerGzip]: (bytes) => gunzipSync(bytes),
  [MediaType.LayerZstd]: (bytes) => zstdDecompressSync(bytes),
  [MediaType.Layer]: (bytes) => bytes,
  [MediaType.DockerLayer]: (bytes) => bytes,
};

describe('layers on their way', () => {
  const cases: [string, { saved?: boolean }, string, CopyOptions, object, string][] = [
    ['stay as they are', {}, 'oci:out:x', {}, {}, MediaType.LayerGzip],
    ['are compressed for a layout', { saved: true }, 'oci:out:x', {}, {}, MediaType.LayerGzip],
    ['become zstd', {}, 'oci:out:x', { compression: { format: 'zstd', level: 19 } }, {}, MediaType.LayerZstd],
    [
      'become zstd from nothing',
      { saved: true },
      'oci:out:x',
      { compression: { format: 'zstd' } },
      {},
      MediaType.LayerZstd,
    ],
    [
      'stay gzip where gzip is asked for',
      {},
      'oci:out:x',
      { compression: { format: 'gzip', level: 1 } },
      {},
      MediaType.LayerGzip,
    ],
    ['are unpacked for a folder', {}, 'dir:out', {}, { dirCompression: 'uncompressed' }, MediaType.Layer],
    [
      'become zstd in a folder',
      {},
      'dir:out',
      { compression: { format: 'zstd' } },
      { dirCompression: 'compressed' },
      MediaType.LayerZstd,
    ],
  ];
  it.each(cases)('%s', async (_name, kind, reference, options, context, mediaType) => {
    const temporary = join(cwd, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const image = await makeTestImage({ seed: 'form', ...kind });
    const source = { ...createMemorySource(image), layersAreUncompressed: kind.saved === true };
    const { config } = await copyTo(source, reference, options, context);
    expect(config).toBe(image.config.digest);
    const found = await layersIn(reference);
    expect(found.map(([layer]) => layer.mediaType)).toEqual([mediaType, mediaType]);
    const diffIds = await Promise.all(
      found.map(([, bytes]) => digestBytes(unpackers[mediaType]?.(bytes) ?? bytes)),
    );
    expect(diffIds).toEqual(image.diffIds);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('are as small as the level says', async () => {
    const image = await makeTestImage({ seed: 'level', saved: true });
    const sizes = await Promise.all(
      [1, 9].map(async (level) => {
        const source = { ...createMemorySource(image), layersAreUncompressed: true };
        await copyTo(source, `oci:out:level-${level}`, { compression: { format: 'gzip', level } });
        return (await layersIn(`oci:out:level-${level}`)).reduce((sum, [layer]) => sum + layer.size, 0);
      }),
    );
    expect(sizes[0]).toBeGreaterThan(sizes[1] ?? 0);
  });

  it('whose archive is not the one of the config are refused', async () => {
    const lying = await makeTestImage({ seed: 'lying', diffIdsOf: await makeTestImage({ seed: 'other' }) });
    await expect(
      copyTo(createMemorySource(lying), 'oci:out:x', { compression: { format: 'zstd' } }),
    ).rejects.toMatchObject({ code: Code.DataLoss, reason: 'DIFF_ID_MISMATCH', details: { side: 'source' } });
  });

  it('cannot be zstd in the format of Docker', async () => {
    const image = await makeTestImage({ seed: 'x' });
    await expect(
      copyTo(createMemorySource(image), 'oci:out:x', { compression: { format: 'zstd' }, format: 'v2s2' }),
    ).rejects.toMatchObject({ code: Code.Unimplemented, details: { side: 'destination' } });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('make a Docker manifest an OCI one when they become zstd', async () => {
    const image = await makeTestImage({ seed: 'x', format: 'v2s2' });
    const options = { compression: { format: 'zstd' } } as const;
    const context = { dirCompression: 'compressed' } as const;
    const { descriptor } = await copyTo(createMemorySource(image), 'dir:out', options, context);
    expect(descriptor.mediaType).toBe(MediaType.ImageManifest);
  });

  it.each(['docker-archive:out.tar', 'oci:out:x'])(
    'that would change are refused where digests are to be preserved (%s)',
    async (reference) => {
      const image = await makeTestImage({ seed: 'x', format: 'v2s2', saved: reference.startsWith('oci') });
      const source = { ...createMemorySource(image), layersAreUncompressed: reference.startsWith('oci') };
      const error = await copyTo(source, reference, { preserveDigests: true }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: Code.FailedPrecondition, details: { side: 'destination' } });
      expect(LadingError.from(error).message).toMatch(/digests are to be preserved$/);
    },
  );
});

describe('layers that are known', () => {
  it('are not read again where the destination has them compressed', async () => {
    await using registry = await startRegistry();
    const image = await makeTestImage({ seed: 'known', saved: true });
    const path = join(cwd, 'cache/known.jsonl');
    const copy = async (reference: string, options: CopyOptions = {}) => {
      const source = { ...createMemorySource(image), layersAreUncompressed: true };
      const destination = await openDestination(reference, { cwd, tlsVerify: false });
      const copied = await copyImage(source, destination, { knownLayers: openKnownLayers(path), ...options });
      await destination.close();
      const reads = image.layers.filter((layer) => source.reads.has(layer.digest)).length;
      return { digest: copied.descriptor.digest, reads };
    };
    for (const place of [`docker://${registry.host}/team/app`, 'oci:out']) {
      const first = await copy(`${place}:1`);
      expect(first.reads).toBe(2);
      expect(await copy(`${place}:2`)).toEqual({ digest: first.digest, reads: 0 });
      expect((await copy(`${place}:3`, { compression: { format: 'gzip', level: 1 } })).reads).toBe(2);
      expect((await copy(`${place}:4`, { compression: { format: 'zstd' } })).reads).toBe(2);
    }
    // A registry takes them from another repository of its own; another registry has nothing.
    expect((await copy(`docker://${registry.host}/other/app:1`)).reads).toBe(0);
    await using other = await startRegistry();
    expect((await copy(`docker://${other.host}/team/app:1`)).reads).toBe(2);
    // What cannot be read is passed over, and a lie about a size is found by asking.
    await writeFile(
      path,
      `{"layer":\n[]\n{"layer":"${image.layers[0]?.digest}","compression":"gzip","digest":"x"}\n`,
    );
    expect((await copy('oci:out:5')).reads).toBe(2);
    const lie = { layer: image.layers[0]?.digest, compression: 'gzip', digest: image.config.digest, size: 7 };
    await writeFile(path, `${JSON.stringify(lie)}\n`);
    expect((await copy('oci:out:6')).reads).toBe(2);
  });
});

it('a file of known layers that cannot be used is no reason to fail', async () => {
  const warnings: string[] = [];
  const knownLayers = openKnownLayers(cwd, { onWarning: (message) => warnings.push(message) });
  const image = await makeTestImage({ seed: 'unwritable', saved: true });
  const source = { ...createMemorySource(image), layersAreUncompressed: true };
  await copyTo(source, 'oci:out:x', { knownLayers });
  expect(warnings).toEqual([expect.stringMatching(/^what is known of layers is not kept: EISDIR/)]);
});

describe('layers that stay elsewhere', () => {
  async function foreign(): Promise<TestImage> {
    const image = await makeTestImage({ seed: 'foreign' });
    const [layer = image.config, ...rest] = image.layers;
    const far = {
      ...layer,
      mediaType: MediaType.LayerNondistributableGzip,
      urls: ['https://example.com/layer'],
    };
    const bytes = encodeJson({
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: image.config,
      layers: [far, ...rest],
    });
    const digest = await digestBytes(bytes);
    const top = { bytes, mediaType: MediaType.ImageManifest, digest };
    return { ...image, top, manifests: new Map([[digest, top]]) };
  }

  it('are not put where they need not be, and put everywhere else', async () => {
    const image = await foreign();
    for (const [reference, reads] of [
      ['oci:out:x', undefined],
      ['dir:out-dir', 1],
    ] as const) {
      const source = createMemorySource(image);
      const { descriptor } = await copyTo(source, reference);
      expect(descriptor.digest).toBe(image.top.digest);
      expect(source.reads.get(image.layers[0]?.digest ?? image.config.digest)).toBe(reads);
    }
  });
});

describe('an index', () => {
  it('goes alone, to where its images are', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const index = await makeTestIndex(
      await Promise.all(
        platforms.map(async (platform) => ({
          image: await makeTestImage({ seed: platform.architecture, platform }),
          platform,
        })),
      ),
    );
    const source = createMemorySource(index);
    const { descriptor } = await copyTo(source, 'oci:out:x', { platform: 'index-only' });
    expect(descriptor.digest).toBe(index.top.digest);
    expect([...source.reads]).toEqual([]);
    expect(await readdir(join(cwd, 'out/blobs/sha256'))).toHaveLength(1);
  });
});

describe('a type of manifest that a registry rejects', () => {
  /** Says no to OCI manifests, as old registries do: late, and without having said which it takes. */
  async function rejecting(host: string, type: string): Promise<ImageDestination> {
    const inner = await openDestination(`docker://${host}/team/app:1`, { tlsVerify: false });
    let last = '';
    return {
      ...inner,
      async putManifest(bytes, mediaType, options) {
        last = mediaType;
        await inner.putManifest(bytes, mediaType, options);
      },
      async commit(options) {
        if (last === type) {
          throw new LadingError(Code.InvalidArgument, `PUT answered 400: ${type}`, {
            reason: 'MANIFEST_INVALID',
          });
        }
        await inner.commit(options);
      },
    };
  }

  it.each([
    [MediaType.ImageManifest, 'oci', MediaType.DockerManifest],
    [MediaType.DockerManifest, 'v2s2', MediaType.ImageManifest],
  ] as const)('is converted (%s)', async (rejected, format, taken) => {
    await using registry = await startRegistry();
    const image = await makeTestImage({ seed: 'retry', format });
    const destination = await rejecting(registry.host, rejected);
    const { descriptor } = await copyImage(createMemorySource(image), destination);
    await destination.close();
    expect(descriptor.mediaType).toBe(taken);
    const source = await openSource(`docker://${registry.host}/team/app:1`, { tlsVerify: false });
    expect(await source.manifest()).toMatchObject({ mediaType: taken, digest: descriptor.digest });
    await source.close();
  });

  it.each([
    [{ format: 'oci' }, /400: .*oci/],
    [{ preserveDigests: true }, /no other format is tried, as digests are to be preserved/],
  ] as const)('is not converted where that may not be (%j)', async (options, message) => {
    await using registry = await startRegistry();
    const destination = await rejecting(registry.host, MediaType.ImageManifest);
    await expect(
      copyImage(createMemorySource(await makeTestImage({ seed: 'x' })), destination, options),
    ).rejects.toMatchObject({ reason: 'MANIFEST_INVALID', message: expect.stringMatching(message) });
    await destination.close();
  });
});

describe('a transport of the caller', () => {
  it('is used by its name, also in the place of one that is here', async () => {
    const image = await makeTestImage({ seed: 'own' });
    const asked: string[] = [];
    const own = ['mine', 'sif', 'dir'].map((name) => ({
      name,
      async openSource(rest: string) {
        asked.push(`${name} ${rest}`);
        return createMemorySource(image);
      },
    }));
    for (const { name } of own) {
      const source = await openSource(`${name}:a:b`, { transports: own });
      expect((await source.manifest()).digest).toBe(image.top.digest);
    }
    expect(asked).toEqual(['mine a:b', 'sif a:b', 'dir a:b']);
    await expect(openDestination('mine:x', { transports: own })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      message: 'images are only read from mine:, not written',
    });
    await expect(openDestination('tarball:x')).rejects.toMatchObject({ code: Code.InvalidArgument });
    await expect(openSource('mine:x')).rejects.toMatchObject({ reason: 'NAME_INVALID' });
  });
});

describe('a layout', () => {
  it('has its blobs in a folder that it shares, and its manifests by digest', async () => {
    const context = { sharedBlobs: 'shared' };
    const images = await Promise.all(['a', 'b'].map((seed) => makeTestImage({ seed })));
    for (const [i, image] of images.entries()) {
      await copyTo(createMemorySource(image), `oci:layout-${i}:x`, {}, context);
    }
    expect((await readdir(join(cwd, 'layout-0'))).toSorted()).toEqual(['index.json', 'oci-layout']);
    expect(await readdir(join(cwd, 'shared/sha256'))).toHaveLength(8);
    const source = await openSource('oci:layout-1:x', { cwd, ...context });
    await copyTo(source, 'dir:out');
    const byDigest = await openSource(`oci:layout-1:@${images[1]?.top.digest}`, { cwd, ...context });
    expect((await byDigest.manifest()).digest).toBe(images[1]?.top.digest);
    const none = await openSource(`oci:layout-1:@${images[0]?.top.digest}`, { cwd, ...context });
    await expect(none.manifest()).rejects.toMatchObject({ reason: 'MANIFEST_UNKNOWN' });
  });
});
