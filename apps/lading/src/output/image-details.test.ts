// SPDX-License-Identifier: Apache-2.0
import type { ImageDetails } from '@lading/engine';
import { encodeJson, MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { imageDetails } from './image-details.ts';

const healthCheck = { Test: ['CMD', 'true'], Retries: 3 };

function imageWith(manifest: object): ImageDetails {
  return {
    id: 'a'.repeat(64),
    names: ['localhost/demo:1'],
    digest: undefined,
    repoDigests: [],
    createdAt: '2026-01-02T03:04:05.123456789Z',
    sizeBytes: 10,
    labels: {},
    isList: false,
    layers: [],
    manifest: encodeJson(manifest),
    config: {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
      config: { Healthcheck: healthCheck },
    },
  };
}

const driver = { Name: 'overlay', Data: new Map<string, string>() } as const;
const config = { mediaType: MediaType.ImageConfig, digest: `sha256:${'0'.repeat(64)}`, size: 2 };

describe('what inspect shows of an image', () => {
  it.each([
    [{ schemaVersion: 2, config, layers: [] }, MediaType.ImageManifest],
    [{ schemaVersion: 2, mediaType: MediaType.DockerManifest, config, layers: [] }, MediaType.DockerManifest],
  ])('knows the type of a manifest that may not name it', (manifest, type) => {
    expect(imageDetails(imageWith(manifest), driver, false).ManifestType).toBe(type);
  });

  it('has the health check by the name of the document, or of Go', () => {
    const image = imageWith({ schemaVersion: 2, config, layers: [] });
    expect(imageDetails(image, driver, false)).toMatchObject({ Healthcheck: healthCheck });
    expect(imageDetails(image, driver, true)).toMatchObject({ HealthCheck: healthCheck });
  });

  it('has a time that a template can ask', () => {
    const image = imageWith({ schemaVersion: 2, config, layers: [] });
    expect(imageDetails(image, driver, false).Created).toBe('2026-01-02T03:04:05.123456789Z');
    expect(String(imageDetails(image, driver, true).Created)).toBe('2026-01-02 03:04:05.123456789 +0000 UTC');
  });
});
