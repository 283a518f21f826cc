// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { syncFilesystem } from './sync-filesystem.ts';

describe('syncFilesystem', () => {
  it('ends for a file system that is there, and names a path that is not', async () => {
    await expect(syncFilesystem(import.meta.dirname)).resolves.toBeUndefined();
    await expect(syncFilesystem('/nowhere/at/all')).rejects.toMatchObject({
      code: Code.NotFound,
      message: expect.stringContaining('/nowhere/at/all'),
    });
  });
});
