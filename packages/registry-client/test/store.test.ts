// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStore } from '@lading/registry-client';
import { imageStoreConformance } from '@lading/registry-client/conformance';
import { openLayout } from '@lading/registry-client/layout';

imageStoreConformance('memory', () => createMemoryStore());
imageStoreConformance('a layout', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lading-store-'));
  return {
    ...(await openLayout(folder)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
});
