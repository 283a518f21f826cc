// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EmptyDescriptor,
  embeddedData,
  encodeJson,
  isDescriptor,
  isIndex,
  isManifest,
  MediaType,
  parseDescriptor,
  parseImageConfig,
  parseImageLayout,
  parseIndex,
  parseManifest,
  parseManifestOrIndex,
} from './index.ts';

const hex = 'a'.repeat(64);
const layer = { mediaType: MediaType.LayerGzip, digest: `sha256:${hex}`, size: 10 };
const config = { mediaType: MediaType.ImageConfig, digest: `sha256:${hex}`, size: 2 };
const manifest = { schemaVersion: 2, mediaType: MediaType.ImageManifest, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: MediaType.ImageIndex,
  manifests: [
    {
      mediaType: MediaType.ImageManifest,
      digest: `sha512:${hex}${hex}`,
      size: 1,
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    },
  ],
};
const image = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [layer.digest] } };

describe('parsers', () => {
  const good: [string, (input: object | Uint8Array | string) => unknown, object][] = [
    ['a descriptor', parseDescriptor, layer],
    ['a descriptor with its data', parseDescriptor, EmptyDescriptor],
    ['a descriptor of an algorithm nobody knows', parseDescriptor, { ...layer, digest: 'x+y:Z_=-' }],
    ['a manifest', parseManifest, manifest],
    ['a manifest of no layers', parseManifest, { ...manifest, layers: [] }],
    ['a manifest of Docker', parseManifest, { ...manifest, mediaType: MediaType.DockerManifest }],
    ['a manifest that does not name its type', parseManifest, { schemaVersion: 2, config, layers: [] }],
    [
      'an artifact that is about another',
      parseManifest,
      { ...manifest, artifactType: 'application/x', config: EmptyDescriptor, subject: layer },
    ],
    ['an index', parseIndex, index],
    ['an index of nothing', parseIndex, { schemaVersion: 2, manifests: [] }],
    ['a manifest list of Docker', parseIndex, { ...index, mediaType: MediaType.DockerManifestList }],
    ['a config', parseImageConfig, image],
    [
      'a config with all there is',
      parseImageConfig,
      {
        ...image,
        created: '2026-01-02T03:04:05.123456789Z',
        'os.features': ['win32k'],
        config: {
          User: '1:2',
          ExposedPorts: { '80/tcp': {} },
          Volumes: { '/data': {} },
          Env: ['A=b'],
          Labels: { a: 'b' },
          Healthcheck: { Test: ['NONE'], Interval: 1_000_000_000, Retries: 3 },
        },
        history: [{ created_by: 'x', empty_layer: true }],
      },
    ],
    ['a layout', parseImageLayout, { imageLayoutVersion: '1.0.0' }],
    ['members that are not known yet', parseManifest, { ...manifest, later: { a: [1] } }],
  ];
  it.each(good)('take %s as it is, from a value and from bytes', (_name, parse, value) => {
    expect(parse(value)).toBe(value);
    expect(parse(encodeJson(value))).toEqual(value);
    expect(parse(JSON.stringify(value))).toEqual(value);
  });

  const bad: [string, (input: object) => unknown, object, string][] = [
    ['no digest', parseDescriptor, { mediaType: 'a/b', size: 1 }, 'descriptor.digest: expected a digest'],
    ['a short digest', parseDescriptor, { ...layer, digest: 'sha256:00' }, 'descriptor.digest'],
    ['a digest in upper case', parseDescriptor, { ...layer, digest: `sha256:${'A'.repeat(64)}` }, 'digest'],
    ['a path as digest', parseDescriptor, { ...layer, digest: 'sha256:../../etc/passwd' }, 'digest'],
    ['a size below 0', parseDescriptor, { ...layer, size: -1 }, 'descriptor.size'],
    ['a size with a fraction', parseDescriptor, { ...layer, size: 1.5 }, 'descriptor.size'],
    ['a size beyond 2^53', parseDescriptor, { ...layer, size: 2 ** 53 }, 'descriptor.size'],
    ['a size in words', parseDescriptor, { ...layer, size: '10' }, 'descriptor.size'],
    ['a type that is none', parseDescriptor, { ...layer, mediaType: 'layer' }, 'descriptor.mediaType'],
    ['data that is not base64', parseDescriptor, { ...EmptyDescriptor, data: 'e3%=' }, 'descriptor.data'],
    ['data of another size', parseDescriptor, { ...EmptyDescriptor, data: 'e30g' }, 'descriptor.data'],
    ['a URL that is no string', parseDescriptor, { ...layer, urls: [1] }, 'descriptor.urls[0]'],
    ['an annotation that is none', parseDescriptor, { ...layer, annotations: { a: 1 } }, 'annotations["a"]'],
    ['half a platform', parseDescriptor, { ...layer, platform: { os: 'linux' } }, 'platform.architecture'],
    [
      'a fault in a layer',
      parseManifest,
      { ...manifest, layers: [layer, {}] },
      'manifest.layers[1].mediaType',
    ],
    ['no config', parseManifest, { schemaVersion: 2, layers: [] }, 'manifest.config'],
    ['another schema', parseManifest, { ...manifest, schemaVersion: 3 }, 'manifest.schemaVersion'],
    ['an index for a manifest', parseManifest, index, 'manifest.'],
    [
      'a manifest that lists manifests too',
      parseManifest,
      { ...manifest, manifests: [] },
      'manifest.manifests',
    ],
    ['an index that lists layers too', parseIndex, { ...index, layers: [] }, 'index.layers'],
    ['an index that has a config too', parseIndex, { ...index, config }, 'index.config'],
    ['a list for a document', parseIndex, [], 'index: expected an object, got a list'],
    ['a config without architecture', parseImageConfig, { ...image, architecture: 1 }, 'config.architecture'],
    ['no rootfs', parseImageConfig, { architecture: 'a', os: 'b' }, 'config.rootfs'],
    [
      'a diffID that is none',
      parseImageConfig,
      { ...image, rootfs: { type: 'layers', diff_ids: ['x'] } },
      'config.rootfs.diff_ids[0]',
    ],
    ['Env as an object', parseImageConfig, { ...image, config: { Env: {} } }, 'config.config.Env'],
    ['another layout', parseImageLayout, { imageLayoutVersion: '2.0.0' }, 'oci-layout.imageLayoutVersion'],
  ];
  it.each(bad)('refuse %s and name the place', (_name, parse, value, place) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(() => parse(value)).toThrow(place);
  });

  it('take null for absent, as Go programs write it', () => {
    const text = JSON.stringify({
      ...image,
      author: null,
      config: { Cmd: null, Entrypoint: null, Labels: null, WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: null },
      history: null,
      unknown: null,
    });
    expect(parseImageConfig(text)).toEqual({
      architecture: 'amd64',
      os: 'linux',
      config: { WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [] },
      unknown: null,
    });
    expect(parseManifest({ ...manifest, layers: null, annotations: null })).toEqual({
      ...manifest,
      layers: [],
    });
  });

  it('show a hostile value on one line of ASCII, cut short', () => {
    const digest = `\u001b[2J\u009b\n\u202e${'x'.repeat(500)}`;
    expect(() => parseDescriptor({ ...layer, digest })).toThrow(/^[\x20-\x7e…]{1,900}$/);
    const annotations = { [digest]: 1 };
    expect(() => parseDescriptor({ ...layer, annotations })).toThrow(/^[\x20-\x7e…]{1,900}$/);
  });

  it('are not deceived by a member named __proto__', () => {
    const text = `{"__proto__":${JSON.stringify(layer)},"annotations":null}`;
    expect(() => parseDescriptor(text)).toThrow('descriptor.mediaType');
    const config = parseImageConfig(
      JSON.stringify(image).replace('{', '{"author":null,"__proto__":{"created":"x"},'),
    );
    expect(config.created).toBeUndefined();
  });

  it.each([
    ['cut off', '{"schemaVersion":2'],
    ['empty', ''],
    ['not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)],
    ['begun by a byte order mark', new TextEncoder().encode(`\ufeff${JSON.stringify(manifest)}`)],
    ['deep', '['.repeat(200_000)],
    ['deep and whole', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['null', 'null'],
  ])('refuse a document that is %s', (_name, input) => {
    expect(() => parseManifest(input)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });

  it('refuse a document beyond the limit unread', () => {
    const refused = expect.objectContaining({ code: Code.ResourceExhausted });
    expect(() => parseManifest(new Uint8Array(4 * 1024 * 1024 + 1))).toThrow(refused);
    expect(() => parseManifest('{}', { maxBytes: 1 })).toThrow(refused);
  });

  it('throw nothing but LadingError, whatever the input', () => {
    const parsers = [parseDescriptor, parseManifest, parseIndex, parseImageConfig, parseManifestOrIndex];
    const shapes = fc.record({
      schemaVersion: fc.constantFrom(1, 2),
      config: fc.anything(),
      layers: fc.anything(),
    });
    const input = fc.oneof(fc.string(), fc.uint8Array(), fc.json(), fc.object(), shapes);
    fc.assert(
      fc.property(input, fc.constantFrom(...parsers), (value, parse) => {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(LadingError);
        }
      }),
    );
  });
});

describe('guards', () => {
  it('tell the kinds apart', () => {
    expect([isManifest(manifest), isManifest(index), isManifest(layer)]).toEqual([true, false, false]);
    expect([isIndex(index), isIndex(manifest), isDescriptor(layer), isDescriptor(null)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('do not pass a null that the type does not have', () => {
    expect(isDescriptor({ ...layer, annotations: null })).toBe(false);
  });
});

describe('parseManifestOrIndex', () => {
  it.each([
    ['a manifest by its own word', manifest, undefined, 'manifest'],
    ['an index by its own word', index, undefined, 'index'],
    ['a manifest by its members', { schemaVersion: 2, config, layers: [] }, undefined, 'manifest'],
    ['an index by its members', { schemaVersion: 2, manifests: [] }, undefined, 'index'],
    ['an index by its sender', { schemaVersion: 2, manifests: [] }, MediaType.ImageIndex, 'index'],
  ])('reads %s', (_name, value, mediaType, kind) => {
    expect(parseManifestOrIndex(encodeJson(value), mediaType).kind).toBe(kind);
  });

  it.each([
    ['a sender who calls it otherwise', manifest, MediaType.DockerManifest, Code.InvalidArgument],
    [
      'a manifest that is sent as an index',
      { schemaVersion: 2, config, layers: [] },
      MediaType.ImageIndex,
      Code.InvalidArgument,
    ],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, undefined, Code.Unimplemented],
    ['schema 1 by its type', {}, MediaType.DockerManifestV1Signed, Code.Unimplemented],
    ['another type', { mediaType: 'text/html' }, undefined, Code.Unimplemented],
    [
      'both at once',
      { schemaVersion: 2, manifests: [], layers: [], config },
      undefined,
      Code.InvalidArgument,
    ],
  ])('refuses %s', (_name, value, mediaType, code) => {
    expect(() => parseManifestOrIndex(encodeJson(value), mediaType)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('embeddedData', () => {
  it('gives the bytes whose digest matches', async () => {
    expect(await embeddedData(EmptyDescriptor)).toEqual(new TextEncoder().encode('{}'));
    expect(await embeddedData(parseDescriptor(layer))).toBeUndefined();
  });

  it('refuses others of the same size', async () => {
    const forged = parseDescriptor({ ...EmptyDescriptor, data: btoa('[]') });
    await expect(embeddedData(forged)).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'DIGEST_MISMATCH',
    });
  });
});

describe('encodeJson', () => {
  it.each([[undefined], [() => 1]])('refuses %s', (value) => {
    expect(() => encodeJson(value)).toThrow(LadingError);
  });
});
