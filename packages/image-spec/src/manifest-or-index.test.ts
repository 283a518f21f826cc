// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { encodeJson, MediaType, parseManifestOrIndex } from './index.ts';

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
