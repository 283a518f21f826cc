// SPDX-License-Identifier: Apache-2.0
import {
  EmptyDescriptor,
  MediaType,
  parseDescriptor,
  parseImageConfig,
  parseIndex,
  parseManifest,
} from '@lading/image-spec';
import { expect, it } from 'vitest';
import { compileSchema } from '../../../../tools/test-support/vectors.ts';

const schemas = {
  descriptor: {
    parse: parseDescriptor,
    validate: compileSchema('image-spec/schema/content-descriptor.json'),
  },
  manifest: { parse: parseManifest, validate: compileSchema('image-spec/schema/image-manifest-schema.json') },
  index: { parse: parseIndex, validate: compileSchema('image-spec/schema/image-index-schema.json') },
  config: { parse: parseImageConfig, validate: compileSchema('image-spec/schema/config-schema.json') },
};

const digest = `sha256:${'7e'.repeat(32)}`;
const layer = { mediaType: MediaType.LayerZstd, digest, size: 9 };
const manifest = { schemaVersion: 2, config: layer, layers: [layer] };
const index = { schemaVersion: 2, manifests: [layer] };
const config = { architecture: 'riscv64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } };

/** The rows of the table in the README, in its order. */
const looser: readonly [string, keyof typeof schemas, object][] = [
  ['null for an optional member', 'descriptor', { ...layer, annotations: null }],
  ['null for a list of a config', 'config', { ...config, config: { Env: null } }],
  ['null for a list that must be there', 'index', { ...index, manifests: null }],
  ['no layers', 'manifest', { ...manifest, layers: [] }],
  ['no diff_ids', 'config', { ...config, rootfs: { type: 'layers' } }],
];
const stricter: readonly [string, keyof typeof schemas, object][] = [
  ['a short sha256', 'descriptor', { ...layer, digest: 'sha256:7e' }],
  ['a sha512 in upper case', 'descriptor', { ...layer, digest: `sha512:${'7E'.repeat(64)}` }],
  ['a short blake3', 'descriptor', { ...layer, digest: 'blake3:7e' }],
  ['a long digest', 'descriptor', { ...layer, digest: `x:${'7e'.repeat(128)}` }],
  ['a size beyond 2^53', 'descriptor', { ...layer, size: 2 ** 53 }],
  ['a negative size in an index', 'index', { ...index, manifests: [{ ...layer, size: -1 }] }],
  ['data that is not base64', 'descriptor', { ...EmptyDescriptor, data: '{}' }],
  ['data of another size', 'descriptor', { ...EmptyDescriptor, size: 3 }],
  ['data of another type in an index', 'index', { ...index, manifests: [{ ...layer, data: 1 }] }],
  ['a wrong artifactType in an index', 'index', { ...index, manifests: [{ ...layer, artifactType: 'x' }] }],
  ['half a platform outside of an index', 'manifest', { ...manifest, config: { ...layer, platform: {} } }],
  ['the media type of something else', 'manifest', { ...manifest, mediaType: MediaType.ImageIndex }],
  ['a manifest with manifests', 'manifest', { ...manifest, manifests: [] }],
  ['an index with layers', 'index', { ...index, layers: [] }],
  ['a name that differs in case alone', 'manifest', { ...manifest, Layers: [] }],
  ['a DiffID that is no digest', 'config', { ...config, rootfs: { type: 'layers', diff_ids: ['x'] } }],
  ['an annotation without a name', 'descriptor', { ...layer, annotations: { '': 1 } }],
  ['a wrong extension of Docker', 'config', { ...config, config: { Healthcheck: { Test: 'true' } } }],
];

it.each(looser)('the parser takes %s, which the schema of the %s refuses', (_name, kind, document) => {
  const { parse, validate } = schemas[kind];
  expect(validate(document)).toBe(false);
  expect(() => parse(document)).not.toThrow();
});

it.each(stricter)('the parser refuses %s, which the schema of the %s takes', (_name, kind, document) => {
  const { parse, validate } = schemas[kind];
  expect(validate(document)).toBe(true);
  expect(() => parse(document)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});
