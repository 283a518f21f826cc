// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import {
  createMemorySource,
  destinationConformance,
  makeTestImage,
  sourceConformance,
} from './conformance.ts';
import { copyImage, openDestination, openSource } from './index.ts';

/** All that keep images in files go through the cases that every transport goes through. */
const places = [
  { reference: 'oci:image:name' },
  { reference: 'oci:image' },
  { reference: 'dir:image' },
  { reference: 'oci-archive:image.tar:name', keepsBlobs: false },
  { reference: 'oci-archive:image.tar', keepsBlobs: false },
  { reference: 'docker-archive:image.tar:app:1', keeps: 'config', isReplaced: false },
  { reference: 'docker-archive:image.tar', keeps: 'config', isReplaced: false },
] as const;

describe.each(places)('$reference', ({ reference, ...place }) => {
  const keeps = 'keeps' in place ? place.keeps : 'manifest';
  sourceConformance(reference, async (image) => {
    const cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
    await copyImage(createMemorySource(image), await openDestination(reference, { cwd }));
    return {
      source: await openSource(reference, { cwd }),
      ...(keeps === 'config' ? { image: await makeTestImage({ seed: 'source', saved: true }) } : {}),
      dispose: () => rm(cwd, { recursive: true, force: true }),
    };
  });
  if (reference === 'oci:image') return; // two images without a name cannot be told apart
  destinationConformance(reference, async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
    return {
      ...place,
      destination: () => openDestination(reference, { cwd }),
      source: () => openSource(reference, { cwd }),
      dispose: async () => {
        expect((await readdir(cwd)).filter((name) => name.startsWith('.lading-'))).toEqual([]);
        await rm(cwd, { recursive: true, force: true });
      },
    };
  });
});
