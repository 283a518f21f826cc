// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EmptyDescriptor,
  encodeJson,
  isDescriptor,
  isImageConfig,
  isImageLayout,
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
    ['a descriptor of nothing', parseDescriptor, { ...layer, size: 0 }],
    ['a descriptor of the largest size', parseDescriptor, { ...layer, size: Number.MAX_SAFE_INTEGER }],
    [
      'names of types as long as may be',
      parseDescriptor,
      { ...layer, mediaType: `${'t'.repeat(127)}/${'s'.repeat(127)}`, artifactType: 'x/y+z.w-v' },
    ],
    ['a digest in base64url', parseDescriptor, { ...layer, digest: 'sha256+b64u:Zm9v_-8=' }],
    ['a digest by parts of a name', parseDescriptor, { ...layer, digest: 'a1.b2-c3_d4+e5:0' }],
    ['addresses', parseDescriptor, { ...layer, urls: ['https://[::1]:5000/a%20b?c#d', 'urn:x:1'] }],
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
    ['a manifest without the manifests of an index', parseManifest, { ...manifest, manifests: null }],
    ['a config of a leap second', parseImageConfig, { ...image, created: '2016-12-31T23:59:60Z' }],
    ['a time of no year', parseImageConfig, { ...image, created: '0001-01-01T00:00:00Z' }],
    ['a time of another zone', parseImageConfig, { ...image, created: '2024-02-29t12:00:00.5-11:30' }],
    ['an environment without values', parseImageConfig, { ...image, config: { Env: ['PATH'] } }],
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
    ['a type without its half', parseDescriptor, { ...layer, mediaType: 'application/' }, 'mediaType'],
    ['a type that begins with a dot', parseDescriptor, { ...layer, mediaType: '.a/b' }, 'mediaType'],
    ['a long type', parseDescriptor, { ...layer, mediaType: `${'t'.repeat(128)}/s` }, 'mediaType'],
    ['a type with parameters', parseDescriptor, { ...layer, mediaType: 'a/b; c=d' }, 'mediaType'],
    ['two separators in an algorithm', parseDescriptor, { ...layer, digest: 'a+-b:00' }, 'digest'],
    ['a digest without algorithm', parseDescriptor, { ...layer, digest: `:${hex}` }, 'digest'],
    ['a digest without hash', parseDescriptor, { ...layer, digest: 'sha256' }, 'digest'],
    ['data without its padding', parseDescriptor, { ...EmptyDescriptor, data: 'e30' }, 'descriptor.data'],
    ['a URL without scheme', parseDescriptor, { ...layer, urls: ['here'] }, 'descriptor.urls[0]'],
    ['a URL with a space', parseDescriptor, { ...layer, urls: ['http://a b'] }, 'descriptor.urls[0]'],
    ['a second digest for Go', parseDescriptor, { ...layer, Digest: layer.digest }, 'descriptor.Digest'],
    [
      'a second size for Go, by a letter that it folds',
      parseDescriptor,
      { ...layer, '\u017fize': 1 },
      'descriptor["?ize"]: expected no such member here',
    ],
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
    ['second layers for Go', parseManifest, { ...manifest, LAYERS: [] }, 'manifest.LAYERS'],
    ['manifests for Go', parseManifest, { ...manifest, Manifests: [] }, 'manifest.Manifests'],
    ['layers of schema 1', parseManifest, { ...manifest, fsLayers: [] }, 'manifest.fsLayers'],
    ['a subject that is a name', parseManifest, { ...manifest, subject: 'busybox' }, 'manifest.subject'],
    ['a subject that is none', parseIndex, { ...index, subject: {} }, 'index.subject.mediaType'],
    ['an artifact of no type', parseIndex, { ...index, artifactType: '' }, 'index.artifactType'],
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
    [
      'a day that there is not',
      parseImageConfig,
      { ...image, created: '2023-02-29T00:00:00Z' },
      'config.created',
    ],
    [
      'an hour that there is not',
      parseImageConfig,
      { ...image, created: '2023-02-28T24:00:00Z' },
      'config.created',
    ],
    ['a time without zone', parseImageConfig, { ...image, created: '2023-02-28T00:00:00' }, 'config.created'],
    ['a time in seconds', parseImageConfig, { ...image, created: 1_700_000_000 }, 'config.created'],
    [
      'a time of a layer that is none',
      parseImageConfig,
      { ...image, history: [{ created: '' }] },
      'config.history[0].created',
    ],
    [
      'another kind of rootfs',
      parseImageConfig,
      { ...image, rootfs: { type: 'x', diff_ids: [] } },
      'rootfs.type',
    ],
    ['a user by number', parseImageConfig, { ...image, config: { User: 0 } }, 'config.config.User'],
    [
      'a variable that is a number',
      parseImageConfig,
      { ...image, config: { Env: [1] } },
      'config.config.Env[0]',
    ],
    [
      'volumes in a list',
      parseImageConfig,
      { ...image, config: { Volumes: ['/data'] } },
      'config.config.Volumes',
    ],
    ['history as text', parseImageConfig, { ...image, history: 'x' }, 'config.history'],
    ['a version by number', parseImageConfig, { ...image, 'os.version': 10 }, 'config["os.version"]'],
    [
      'a negative time-out',
      parseImageConfig,
      { ...image, config: { Healthcheck: { Timeout: -1 } } },
      'Timeout',
    ],
    ['a layout by number', parseImageLayout, { imageLayoutVersion: 1 }, 'oci-layout.imageLayoutVersion'],
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

  it.each([
    ['a descriptor', parseDescriptor, layer],
    ['a manifest', parseManifest, manifest],
    ['an index', parseIndex, index],
    ['a config', parseImageConfig, { ...image, author: null }],
    ['a layout', parseImageLayout, { imageLayoutVersion: '1.0.0' }],
  ])('give %s back byte by byte', (_name, parse, value) => {
    const text = ` ${JSON.stringify(value, undefined, '\t').replace('"', '"later": [1.0, 2e1, "\\u0041\\/"], "').replaceAll('/', '\\/')}\n`;
    expect(new TextDecoder().decode(encodeJson(parse(new TextEncoder().encode(text))))).toBe(text);
  });

  it('keep an integer beyond 2^53 where no rule knows the member, and name the field where one does', () => {
    const text = JSON.stringify({ ...manifest, later: { big: 'BIG' } }).replace('"BIG"', '9007199254740993');
    expect(parseManifest(text)).toMatchObject({ later: { big: 9007199254740993n } });
    expect(() => parseManifest(text.replace('"size":10', '"size":9007199254740993'))).toThrow(
      'manifest.layers[0].size: expected a whole number from 0 to 2^53 - 1, got 9007199254740993',
    );
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

  it.each([
    ['a config', isImageConfig, image, { ...image, os: 1 }],
    ['a layout', isImageLayout, { imageLayoutVersion: '1.0.0' }, { imageLayoutVersion: '1.1.0' }],
    ['a manifest', isManifest, manifest, { ...manifest, layers: null }],
  ])('know %s', (_name, is, good, bad) => {
    expect([is(good), is(bad), is(null), is([]), is('x')]).toEqual([true, false, false, false, false]);
  });

  it('do not pass a null that the type does not have', () => {
    expect(isDescriptor({ ...layer, annotations: null })).toBe(false);
  });
});

describe('encodeJson', () => {
  it.each([[undefined], [() => 1]])('refuses %s', (value) => {
    expect(() => encodeJson(value)).toThrow(LadingError);
  });
});
