// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import {
  type DockerManifestV1,
  dockerManifestV1Payload,
  encodeJson,
  isDockerManifest,
  isDockerManifestList,
  isDockerManifestV1,
  MediaType,
  parseDockerManifest,
  parseDockerManifestList,
  parseDockerManifestV1,
  parseIndex,
  parseManifest,
} from './index.ts';

const digest = `sha256:${'c4'.repeat(32)}`;
const layer = { mediaType: MediaType.DockerLayerGzip, digest, size: 30, urls: ['https://example.com/layer'] };
const config = { mediaType: MediaType.DockerConfig, digest, size: 20 };
const manifest = { schemaVersion: 2, mediaType: MediaType.DockerManifest, config, layers: [layer] };
const entry = {
  mediaType: MediaType.DockerManifest,
  digest,
  size: 40,
  platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] },
};
const list = { schemaVersion: 2, mediaType: MediaType.DockerManifestList, manifests: [entry] };
const v1 = {
  schemaVersion: 1,
  name: 'library/harbour',
  tag: 'latest',
  architecture: 'amd64',
  fsLayers: [{ blobSum: digest }, { blobSum: digest }],
  history: [{ v1Compatibility: '{"id":"b","parent":"a"}' }, { v1Compatibility: '{"id":"a"}' }],
};

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** Signs as Docker did: the document up to its last brace, then the signatures, then what was cut off. */
function signed(document: object, change: (cut: Record<string, unknown>) => object = (cut) => cut): string {
  const text = JSON.stringify(document, undefined, 3);
  const body = text.slice(0, -2);
  const cut = {
    formatLength: Buffer.byteLength(body),
    formatTail: base64url(text.slice(-2)),
    time: '2015-01-01T00:00:00Z',
  };
  const signature = {
    header: { jwk: { crv: 'P-256', kid: 'AAAA:BBBB', kty: 'EC', x: 'eA', y: 'eQ' }, alg: 'ES256' },
    signature: base64url('any'),
    protected: base64url(JSON.stringify(change(cut))),
  };
  return `${body},\n   "signatures": ${JSON.stringify([signature], undefined, 3)}\n}`;
}

describe('manifests of Docker', () => {
  it.each<[string, (input: string) => unknown, (value: unknown) => boolean, object]>([
    ['schema 2', parseDockerManifest, isDockerManifest, manifest],
    ['schema 2 for an OCI reader', parseManifest, isDockerManifest, manifest],
    ['a manifest list', parseDockerManifestList, isDockerManifestList, list],
    ['a manifest list for an OCI reader', parseIndex, isDockerManifestList, list],
    ['schema 1', parseDockerManifestV1, isDockerManifestV1, v1],
    [
      'schema 1 of no layers',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, fsLayers: [], history: [] },
    ],
    ['schema 1, signed', parseDockerManifestV1, isDockerManifestV1, JSON.parse(signed(v1))],
    ['members that are not known', parseDockerManifestV1, isDockerManifestV1, { ...v1, mediaType: 'a/b' }],
  ])('take %s', (_name, parse, is, value) => {
    const text = JSON.stringify(value, undefined, 2);
    const document = parse(text);
    expect(document).toEqual(value);
    expect(new TextDecoder().decode(encodeJson(document))).toBe(text);
    expect(is(value)).toBe(true);
  });

  it.each<[string, (input: object) => unknown, (value: unknown) => boolean, object, string]>([
    [
      'no media type',
      parseDockerManifest,
      isDockerManifest,
      { ...manifest, mediaType: undefined },
      'manifest.mediaType',
    ],
    [
      'the OCI’s type',
      parseDockerManifest,
      isDockerManifest,
      { ...manifest, mediaType: MediaType.ImageManifest },
      'manifest.mediaType',
    ],
    [
      'no config',
      parseDockerManifest,
      isDockerManifest,
      { ...manifest, config: undefined },
      'manifest.config',
    ],
    [
      'a list too',
      parseDockerManifest,
      isDockerManifest,
      { ...manifest, manifests: [] },
      'manifest.manifests',
    ],
    [
      'layers in other case',
      parseDockerManifest,
      isDockerManifest,
      { ...manifest, Layers: [] },
      'manifest.Layers',
    ],
    [
      'an image for no platform',
      parseDockerManifestList,
      isDockerManifestList,
      { ...list, manifests: [{ ...entry, platform: undefined }] },
      'list.manifests[0].platform',
    ],
    [
      'half a platform',
      parseDockerManifestList,
      isDockerManifestList,
      { ...list, manifests: [{ ...entry, platform: { os: 'linux' } }] },
      'list.manifests[0].platform.architecture',
    ],
    [
      'features that are none',
      parseDockerManifestList,
      isDockerManifestList,
      { ...list, manifests: [{ ...entry, platform: { ...entry.platform, features: 'sse4' } }] },
      'list.manifests[0].platform.features',
    ],
    [
      'another schema',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, schemaVersion: 2 },
      'manifest.schemaVersion',
    ],
    [
      'layers of schema 2',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, layers: [] },
      'manifest.layers',
    ],
    [
      'a layer without digest',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, fsLayers: [{}, {}] },
      'manifest.fsLayers[0].blobSum',
    ],
    [
      'fewer histories than layers',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, history: [] },
      'manifest.history: expected one entry for each of the 2 layers, got 0',
    ],
    [
      'a history that is an object',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, history: [{ v1Compatibility: {} }, {}] },
      'manifest.history[0].v1Compatibility',
    ],
    [
      'a signature that is none',
      parseDockerManifestV1,
      isDockerManifestV1,
      { ...v1, signatures: [{}] },
      'manifest.signatures[0].header',
    ],
  ])('refuse %s and name the place', (_name, parse, is, value, place) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(() => parse(value)).toThrow(place);
    expect(is(value)).toBe(false);
  });
});

describe('dockerManifestV1Payload', () => {
  const payload = (text: string) => Buffer.from(dockerManifestV1Payload(parseDockerManifestV1(text)));

  it('is what was signed, byte for byte', () => {
    const original = JSON.stringify(v1, undefined, 3);
    expect(payload(signed(v1)).toString()).toBe(original);
    expect(payload(original).toString()).toBe(original);
    const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
    expect(sha256(payload(signed(v1)))).toBe(sha256(original));
  });

  it('does not have members that were added after the signing', () => {
    const forged = signed(v1).replace('"signatures"', '"tag": "evil", "signatures"');
    const read: DockerManifestV1 = parseDockerManifestV1(forged);
    expect(read.tag).toBe('evil');
    expect(parseDockerManifestV1(payload(forged)).tag).toBe('latest');
  });

  it.each<[string, string]>([
    ['a length beyond the document', signed(v1, (cut) => ({ ...cut, formatLength: 1e6 }))],
    ['a negative length', signed(v1, (cut) => ({ ...cut, formatLength: -1 }))],
    ['no tail', signed(v1, ({ formatTail: _, ...cut }) => cut)],
    ['a tail that is no base64url', signed(v1, (cut) => ({ ...cut, formatTail: 'a' }))],
    ['no JSON', signed(v1).replace(/"protected": "[^"]*"/, `"protected": "${base64url('{')}"`)],
    [
      'two signatures that differ',
      JSON.stringify({
        ...v1,
        signatures: [10, 11].map((formatLength) => ({
          header: { alg: 'ES256' },
          signature: '',
          protected: base64url(JSON.stringify({ formatLength, formatTail: '' })),
        })),
      }),
    ],
  ])('refuses %s', (_name, text) => {
    expect(() => payload(text)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});
