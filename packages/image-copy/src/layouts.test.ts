// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemorySource, destinationConformance, sourceConformance } from './conformance.ts';
import { copyImage, openDestination, openSource } from './index.ts';

/** Both kinds of folder go through the cases that every transport goes through. */
for (const reference of ['oci:image:name', 'oci:image', 'dir:image']) {
  sourceConformance(reference, async (image) => {
    const cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
    await copyImage(createMemorySource(image), await openDestination(reference, { cwd }));
    const dispose = () => rm(cwd, { recursive: true, force: true });
    return { source: await openSource(reference, { cwd }), dispose };
  });
  if (reference === 'oci:image') continue; // two images without a name cannot be told apart
  destinationConformance(reference, async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
    return {
      destination: () => openDestination(reference, { cwd }),
      source: () => openSource(reference, { cwd }),
      dispose: () => rm(cwd, { recursive: true, force: true }),
    };
  });
}
