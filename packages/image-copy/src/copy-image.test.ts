// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { descriptorOf, digestHex, encodeJson, MediaType } from '@lading/image-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage, makeTestIndex } from './conformance.ts';
import {
  type CopyProgress,
  copyImage,
  type ImageSource,
  openDestination,
  openSource,
  syncImage,
} from './index.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function copyTo(source: ImageSource, reference: string, options = {}) {
  return copyImage(source, await openDestination(reference, { cwd }), options);
}

async function failure(promise: Promise<unknown>): Promise<LadingError> {
  try {
    await promise;
  } catch (error) {
    return LadingError.from(error);
  }
  throw new Error('it succeeded');
}

const linux = (architecture: string, variant?: string) => ({
  os: 'linux',
  architecture,
  ...(variant === undefined ? {} : { variant }),
});

async function smallIndex() {
  const platforms = [linux('amd64'), linux('arm', 'v6'), linux('arm', 'v7')];
  return makeTestIndex(
    await Promise.all(
      platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: JSON.stringify(platform), platform }),
        platform,
      })),
    ),
  );
}

describe('an index', () => {
  it('gives the image for the platform, and says what it was chosen from', async () => {
    const index = await smallIndex();
    const chosen: (string | undefined)[] = [];
    const target = await openDestination('oci:out:x', { cwd });
    const { sourceDigest, descriptor } = await copyImage(
      createMemorySource(index),
      {
        ...target,
        async commit(options) {
          chosen.push(options?.chosenFrom?.digest);
          await target.commit(options);
        },
      },
      { platform: linux('arm', 'v7') },
    );
    expect([sourceDigest, chosen]).toEqual([index.top.digest, [index.top.digest]]);
    expect([...index.manifests.keys()].indexOf(descriptor.digest)).toBe(3);
  });

  it('without an image for the platform says which there are', async () => {
    const error = await failure(
      copyTo(createMemorySource(await smallIndex()), 'oci:out', { platform: linux('riscv64') }),
    );
    expect(error).toMatchObject({
      code: Code.NotFound,
      reason: 'PLATFORM_UNKNOWN',
      details: { side: 'source' },
    });
    expect(error.message).toBe(
      'reading memory:test: no image for linux/riscv64 in the index; there are linux/amd64, linux/arm/v6, linux/arm/v7',
    );
  });
});

describe('an index in an index', () => {
  /** The small index and one more image, `levels` indexes deep. */
  async function nestedIndex(levels: number) {
    const inner = await smallIndex();
    const platform = linux('riscv64');
    const image = await makeTestImage({ seed: 'outer', platform });
    let top = inner;
    for (let level = 0; level < levels; level++) {
      const entries = [
        await descriptorOf(top.top.mediaType, top.top.bytes),
        await descriptorOf(image.top.mediaType, image.top.bytes, { platform }),
      ];
      const mediaType = MediaType.ImageIndex;
      const bytes = encodeJson({ schemaVersion: 2, mediaType, manifests: entries });
      const { digest } = await descriptorOf(mediaType, bytes);
      const found = { bytes, mediaType, digest };
      const manifests = new Map([...top.manifests, ...image.manifests, [digest, found]]);
      top = { ...top, top: found, manifests, blobs: new Map([...top.blobs, ...image.blobs]) };
    }
    return { inner, image, top };
  }

  it.each(['oci:out:x', 'dir:out', 'oci-archive:out.tar:x'])('goes along to %s, as it is', async (to) => {
    const { top, inner, image } = await nestedIndex(2);
    const { descriptor } = await copyTo(createMemorySource(top), to, { platform: 'all' });
    expect(descriptor.digest).toBe(top.top.digest);
    const again = await openSource(to, { cwd });
    for (const [digest, { bytes }] of top.manifests) {
      const instance = digest === top.top.digest ? undefined : digest;
      expect(Buffer.from((await again.manifest(instance)).bytes).equals(bytes)).toBe(true);
    }
    for (const platform of [linux('arm', 'v7'), linux('riscv64')]) {
      const chosen = await copyTo(again, `oci:chosen:${platform.architecture}`, { platform });
      const expected = platform.architecture === 'arm' ? [...inner.manifests.keys()][3] : image.top.digest;
      expect([chosen.descriptor.digest, chosen.sourceDigest]).toEqual([expected, top.top.digest]);
    }
    await again.close();
  });

  it('is looked into by a sync, which then finds its image in the folder', async () => {
    const { top } = await nestedIndex(1);
    await copyTo(createMemorySource(top), 'oci:all:x', { platform: 'all' });
    const image = { from: 'oci:all:x', context: { cwd }, name: 'x' };
    const sync = () => syncImage(image, 'dir:synced', { cwd }, { platform: linux('arm', 'v7') });
    await mkdir(join(cwd, 'synced'));
    const { state, digest } = await sync();
    expect([state, await sync()]).toEqual(['copied', { state: 'present', digest }]);
  });

  it('is rewritten with those above it when its images change', async () => {
    const { top } = await nestedIndex(1);
    const { descriptor } = await copyTo(createMemorySource(top), 'oci:out:x', {
      platform: 'all',
      compression: { format: 'zstd' },
    });
    expect(descriptor.digest).not.toBe(top.top.digest);
    const again = await openSource('oci:out:x', { cwd });
    await copyTo(again, 'dir:all', { platform: 'all', preserveDigests: true });
    const { config } = await copyTo(again, 'docker-archive:one.tar', { platform: linux('arm', 'v6') });
    expect(config).toBeDefined();
    await again.close();
  });

  it('is refused below three others, and where it is no index', async () => {
    const { top } = await nestedIndex(4);
    for (const platform of ['all', linux('riscv64')] as const) {
      const error = await failure(copyTo(createMemorySource(top), 'oci:out:x', { platform }));
      expect(error).toMatchObject({ code: Code.InvalidArgument, details: { side: 'source' } });
      expect(error.message).toMatch(/^reading memory:test: sha256:[0-9a-f]+: indexes are nested too deeply$/);
    }
    const { top: lying, inner, image } = await nestedIndex(1);
    const { bytes } = image.top;
    const manifests = new Map([...lying.manifests, [inner.top.digest, { ...inner.top, bytes }]]);
    const error = await failure(
      copyTo(createMemorySource({ ...lying, manifests }), 'oci:out:x', { platform: 'all' }),
    );
    expect(error).toMatchObject({ code: Code.InvalidArgument, details: { side: 'source' } });
  });
});

describe('the side that failed', () => {
  it('is the source, with the reference in the message', async () => {
    const error = await failure(copyTo(await openSource('oci:none:x', { cwd }), 'oci:out'));
    expect(error).toMatchObject({ code: Code.NotFound, details: { side: 'source' } });
    expect(error.message).toMatch(/^reading oci:none:x: /);
  });

  it('is the source also when its bytes fail inside a write', async () => {
    const image = await makeTestImage({ seed: 'x' });
    image.blobs instanceof Map && image.blobs.delete(image.layers[1]?.digest);
    const error = await failure(copyTo(createMemorySource(image), 'oci:out'));
    expect(error).toMatchObject({ code: Code.NotFound, reason: 'BLOB_UNKNOWN', details: { side: 'source' } });
  });

  it('is the destination, with the reference in the message', async () => {
    await writeFile(join(cwd, 'file'), 'x');
    const image = await makeTestImage({ seed: 'x' });
    const error = await failure(copyTo(createMemorySource(image), 'oci:file/below:x'));
    expect(error).toMatchObject({ details: { side: 'destination' } });
    expect(error.message).toMatch(/^writing oci:file\/below:x: /);
  });
});

describe('what an image says of itself', () => {
  const config = { mediaType: MediaType.ImageConfig, size: 5_000_000 };
  const cases: [string, (image: Awaited<ReturnType<typeof makeTestImage>>) => object, Code][] = [
    [
      'a config above 4 MiB',
      (i) => ({ schemaVersion: 2, config: { ...i.config, ...config }, layers: [] }),
      Code.ResourceExhausted,
    ],
    [
      'more layers than diffIDs',
      (i) => ({ schemaVersion: 2, config: i.config, layers: [...i.layers, ...i.layers] }),
      Code.InvalidArgument,
    ],
    [
      'schema 1 under the type of another',
      () => ({ schemaVersion: 1, fsLayers: [], history: [] }),
      Code.Unimplemented,
    ],
    [
      'both manifest and index',
      (i) => ({ schemaVersion: 2, config: i.config, layers: [], manifests: [] }),
      Code.InvalidArgument,
    ],
    [
      'a digest that climbs',
      (i) => ({
        schemaVersion: 2,
        config: i.config,
        layers: [{ ...i.layers[0], digest: 'sha256:../../etc/passwd' }],
      }),
      Code.InvalidArgument,
    ],
  ];
  it.each(cases)('is refused: %s', async (_name, document, code) => {
    const image = await makeTestImage({ seed: 'x' });
    const source = createMemorySource(image);
    const bytes = encodeJson(document(image));
    const lying: ImageSource = { ...source, manifest: async () => ({ ...image.top, bytes }) };
    expect(await failure(copyTo(lying, 'oci:out'))).toMatchObject({ code, details: { side: 'source' } });
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('an OCI layout', () => {
  it('is what the specification says', async () => {
    const image = await makeTestImage({ seed: 'x' });
    await copyTo(createMemorySource(image), 'oci:out:1.0');
    const read = async (name: string) =>
      JSON.parse(await readFile(join(cwd, 'out', name), 'utf8')) as unknown;
    expect(await read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(await read('index.json')).toEqual({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: MediaType.ImageManifest,
          digest: image.top.digest,
          size: image.top.bytes.length,
          annotations: { 'org.opencontainers.image.ref.name': '1.0' },
        },
      ],
    });
    expect((await readdir(join(cwd, 'out'))).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it('holds many names, written side by side', async () => {
    const images = await Promise.all(['a', 'b', 'c', 'd'].map((seed) => makeTestImage({ seed })));
    await Promise.all(images.map((image, i) => copyTo(createMemorySource(image), `oci:out:name-${i}`)));
    for (const [i, image] of images.entries()) {
      const source = await openSource(`oci:out:name-${i}`, { cwd });
      expect((await source.manifest()).digest).toBe(image.top.digest);
    }
    const error = await failure((await openSource('oci:out', { cwd })).manifest());
    expect(error).toMatchObject({ reason: 'AMBIGUOUS', message: expect.stringContaining('name-3') });
    const unknown = await failure((await openSource('oci:out:other', { cwd })).manifest());
    expect(unknown).toMatchObject({ reason: 'MANIFEST_UNKNOWN', message: expect.stringContaining('name-0') });
  });

  const spoiled: [string, (path: string) => Promise<void>, string][] = [
    [
      'tampered with',
      async (path) => {
        const bytes = await readFile(path);
        bytes[10] = (bytes[10] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
      'DIGEST_MISMATCH',
    ],
    ['cut short', (path) => truncate(path, 10), 'TRUNCATED'],
    ['gone', (path) => rm(path), 'BLOB_UNKNOWN'],
  ];
  it.each(spoiled)('with a layer that was %s is not copied', async (_name, spoil, reason) => {
    const image = await makeTestImage({ seed: 'x' });
    await copyTo(createMemorySource(image), 'oci:in:x');
    const digest = image.layers[0]?.digest ?? image.config.digest;
    await spoil(join(cwd, 'in/blobs/sha256', digestHex(digest)));
    const error = await failure(copyTo(await openSource('oci:in:x', { cwd }), 'oci:out:x'));
    expect(error).toMatchObject({ reason, details: { side: 'source' } });
    expect((await readdir(join(cwd, 'out'))).filter((name) => name !== 'blobs')).toEqual([]);
  });

  it('whose blob is a folder is refused', async () => {
    const image = await makeTestImage({ seed: 'x' });
    await copyTo(createMemorySource(image), 'oci:in:x');
    const path = join(cwd, 'in/blobs/sha256', digestHex(image.config.digest));
    await rm(path);
    await mkdir(path);
    const error = await failure(copyTo(await openSource('oci:in:x', { cwd }), 'oci:out:x'));
    expect(error).toMatchObject({ code: Code.InvalidArgument, details: { side: 'source' } });
  });

  it('keeps no unfinished file after an abort', async () => {
    const image = await makeTestImage({ seed: 'x' });
    const abort = new AbortController();
    const onProgress = (event: CopyProgress) => {
      if (event.kind === 'layer' && event.state === 'copying' && event.current > 0) abort.abort();
    };
    const error = await failure(
      copyTo(createMemorySource(image), 'oci:out:x', { signal: abort.signal, onProgress }),
    );
    expect(error).toMatchObject({
      code: Code.Canceled,
      message: 'copying memory:test to oci:out:x was canceled',
    });
    const files = await readdir(join(cwd, 'out'), { recursive: true });
    expect(files.filter((name) => name.includes('.lading-') || name === 'index.json')).toEqual([]);
  });
});

describe('a folder of dir:', () => {
  it('loses the blobs of the image that was there before', async () => {
    await copyTo(createMemorySource(await makeTestImage({ seed: 'one' })), 'dir:out');
    const two = await makeTestImage({ seed: 'two', layers: 1 });
    await copyTo(createMemorySource(two), 'dir:out');
    expect((await readdir(join(cwd, 'out'))).sort()).toEqual(
      [
        'manifest.json',
        'version',
        ...[two.config, ...two.layers].map(({ digest }) => digestHex(digest)),
      ].sort(),
    );
  });

  it('with other files in it is left alone', async () => {
    await mkdir(join(cwd, 'out'));
    await writeFile(join(cwd, 'out/precious'), 'x');
    const error = await failure(copyTo(createMemorySource(await makeTestImage({ seed: 'x' })), 'dir:out'));
    expect(error).toMatchObject({ code: Code.FailedPrecondition, details: { side: 'destination' } });
    expect(await readdir(join(cwd, 'out'))).toEqual(['precious']);
  });

  it('is gone after a copy that failed', async () => {
    const source = createMemorySource(await makeTestImage({ seed: 'x' }));
    const blob: ImageSource['blob'] = async function* (descriptor, options) {
      if (descriptor.mediaType === MediaType.LayerGzip) throw new LadingError(Code.Unavailable, 'cut');
      yield* source.blob(descriptor, options);
    };
    expect(await failure(copyTo({ ...source, blob }, 'dir:out'))).toMatchObject({ code: Code.Unavailable });
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('references', () => {
  const cases: [string, Code, RegExp][] = [
    ['busybox', Code.InvalidArgument, /write TRANSPORT:DETAILS/],
    ['foo:bar', Code.InvalidArgument, /unknown transport "foo"/],
    ['__proto__:x', Code.InvalidArgument, /unknown transport/],
    ['sif:x.sif', Code.Unimplemented, /not supported/],
    ['docker-archive:', Code.InvalidArgument, /docker-archive:PATH/],
    ['docker-archive:x.tar:', Code.InvalidArgument, /not an image reference/],
    ['docker-archive:x.tar:@-1', Code.InvalidArgument, /a position is/],
    ['docker-archive:x.tar:@a', Code.InvalidArgument, /a position is/],
    ['docker-archive:x.tar:UPPER', Code.InvalidArgument, /not an image reference/],
    [`docker-archive:x.tar:a@sha256:${'0'.repeat(64)}`, Code.InvalidArgument, /not digests/],
    ['oci-archive:', Code.InvalidArgument, /oci-archive:PATH/],
    ['oci-archive:a:@x', Code.InvalidArgument, /a name in a layout/],
    ['docker-daemon:busybox', Code.InvalidArgument, /write a tag/],
    ['docker-daemon:sha256:abc', Code.InvalidArgument, /whole IDs/],
    [`docker-daemon:sha512:${'0'.repeat(128)}`, Code.InvalidArgument, /begin with sha256/],
    [`docker-daemon:${'0'.repeat(64)}`, Code.InvalidArgument, /image ID/],
    [`docker-daemon:a:1@sha256:${'0'.repeat(64)}`, Code.InvalidArgument, /not both/],
    ['docker:busybox', Code.InvalidArgument, /docker:\/\/HOST/],
    ['docker://x.net/UPPER', Code.InvalidArgument, /not an image reference/],
    ['oci:', Code.InvalidArgument, /oci:PATH/],
    ['oci:a:/../b', Code.InvalidArgument, /a name in a layout/],
    ['dir:', Code.InvalidArgument, /dir:PATH/],
    ['containers-storage:', Code.InvalidArgument, /name an image/],
    ['containers-storage:[vfs@/a+/b]x', Code.Unimplemented, /vfs/],
    ['containers-storage:[relative]x', Code.InvalidArgument, /overlay@/],
  ];
  it.each(cases)('%s is refused', async (text, code, message) => {
    for (const open of [openSource, openDestination]) {
      const error = await failure(open(text, { cwd }));
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    }
  });
});
