// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { descriptorOf, type Index, MediaType, type Platform, parsePlatform } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { choosePlatform, defaultPlatform } from './choose-platform.ts';

const content = await descriptorOf(MediaType.ImageManifest, new Uint8Array([1]));
const indexOf = (...platforms: Platform[]): Index => ({
  schemaVersion: 2,
  manifests: platforms.map((platform) => ({ ...content, platform })),
});

it('chooses the highest variant that runs', () => {
  const index = indexOf(
    ...['linux/arm/v5', 'linux/arm/v6', 'linux/arm64'].map((text) => parsePlatform(text)),
  );
  expect(choosePlatform(index, parsePlatform('linux/arm/v7'), 'x').platform?.variant).toBe('v6');
});

it('names the platforms that there are, and no attestations', () => {
  const index = indexOf(
    ...['linux/amd64', 'linux/arm64', 'unknown/unknown'].map((text) => parsePlatform(text)),
    {
      os: 'evil\u001b[31m',
      architecture: 'x\ny',
    },
  );
  expect(() => choosePlatform(index, parsePlatform('linux/riscv64'), 'r.example/a:v1')).toThrow(
    expect.objectContaining({
      code: Code.NotFound,
      reason: 'PLATFORM_UNKNOWN',
      message:
        'r.example/a:v1 has no image for linux/riscv64; there are linux/amd64, linux/arm64, evil??31m/x?y',
    }),
  );
});

it('is by default Linux on an architecture by its Go name', () => {
  expect(defaultPlatform()).toEqual({
    os: 'linux',
    architecture: expect.stringMatching(/^(?:amd64|arm64|[a-z0-9]+)$/),
  });
});
