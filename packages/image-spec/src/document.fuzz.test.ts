// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  dockerManifestV1Payload,
  encodeJson,
  isDockerManifestV1,
  MediaType,
  parseDockerManifestV1,
  parseImageConfig,
  parseIndex,
  parseManifest,
  parseManifestOrIndex,
} from './index.ts';

const digest = `sha256:${'0f'.repeat(32)}`;
const layer = { mediaType: 'a/b', digest, size: 1, platform: { os: 'linux', architecture: 'arm' } };
const documents: readonly object[] = [
  { schemaVersion: 2, mediaType: MediaType.ImageManifest, config: layer, layers: [layer], subject: layer },
  { schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [layer], annotations: { a: 'b' } },
  { schemaVersion: 2, mediaType: MediaType.DockerManifest, config: { ...layer, data: 'AA==' }, layers: [] },
  {
    architecture: 'arm',
    os: 'linux',
    created: '2024-01-01T00:00:00Z',
    config: { Env: ['A=b'], Labels: { a: 'b' }, Healthcheck: { Test: ['NONE'], Retries: 1 } },
    rootfs: { type: 'layers', diff_ids: [digest] },
    history: [{ created_by: 'x', empty_layer: true }],
  },
  {
    schemaVersion: 1,
    name: 'a',
    tag: 'b',
    architecture: 'arm',
    fsLayers: [{ blobSum: digest }],
    history: [{ v1Compatibility: '{}' }],
    signatures: [{ header: { alg: 'ES256' }, signature: 'AA', protected: 'eyJmb3JtYXRMZW5ndGgiOjF9' }],
  },
];
const texts = documents.map((document) => JSON.stringify(document));

/** A document with a piece of it replaced by another text: JSON still, or not. */
const damaged = fc
  .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(12), fc.oneof(pieces(), fc.string({ maxLength: 4 })))
  .map(([text, at, length, piece]) => {
    const start = at % text.length;
    return text.slice(0, start) + piece + text.slice(start + length);
  });
/** A document with a value of it replaced by another one. */
const places = texts.flatMap((text) =>
  [...text.matchAll(/(?<=[:[,])(?:"[^"]*"|\d+)/g)].map(({ 0: value, index }) => [
    text.slice(0, index),
    text.slice(index + value.length),
  ]),
);
const edited = fc.tuple(fc.constantFrom(...places), pieces()).map(([ends, piece]) => ends.join(piece));

function pieces(): fc.Arbitrary<string> {
  const odd = [
    'null',
    '-1',
    '1e400',
    '9007199254740993',
    '"\\ud800"',
    '[]',
    '{}',
    '{"__proto__":1}',
    '"Layers":',
    '}',
    '"',
    ',',
    '\u0000',
    '\ud800',
  ];
  return fc.constantFrom(...odd, `"${digest}"`, '[[[[', '"manifests":[],', '99999999999999999999999');
}

const bytes = fc.oneof(
  { weight: 4, arbitrary: edited },
  { weight: 4, arbitrary: damaged },
  fc.json({ maxDepth: 3 }),
  fc.string({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }),
);

it.each([
  ['parseManifest', parseManifest],
  ['parseIndex', parseIndex],
  ['parseImageConfig', parseImageConfig],
  [
    'parseManifestOrIndex',
    (input: string | Uint8Array): object => {
      const read = parseManifestOrIndex(input);
      return read.kind === 'index' ? read.index : read.manifest;
    },
  ],
  ['parseDockerManifestV1', parseDockerManifestV1],
] as const)(
  '%s takes a document that gives its bytes back and parses again, or throws a LadingError',
  (_name, parse) => {
    let taken = 0;
    fc.assert(
      fc.property(bytes, (input) => {
        let document: object;
        try {
          document = parse(input);
        } catch (error) {
          if (!(error instanceof LadingError)) throw error;
          return;
        }
        taken++;
        const own = typeof input === 'string' ? new TextEncoder().encode(input) : input;
        expect(Buffer.compare(encodeJson(document), own)).toBe(0);
        // An edited copy, which is written anew, says the same.
        expect(parse(encodeJson({ ...document }))).toEqual(document);
        if (isDockerManifestV1(document)) payloadOrError(document);
      }),
      { numRuns: 100_000 },
    );
    expect(taken).toBeGreaterThan(200);
  },
  60_000,
);

function payloadOrError(document: Parameters<typeof dockerManifestV1Payload>[0]): void {
  try {
    expect(dockerManifestV1Payload(document).length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof LadingError)) throw error;
  }
}
