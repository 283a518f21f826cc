// SPDX-License-Identifier: Apache-2.0
import type { StorageConfig } from '@lading/config';
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { storeOptions } from './store-options.ts';

const config: StorageConfig = {
  driver: 'overlay',
  graphRoot: '/g',
  runRoot: '/r',
  imageStore: '/images',
  additionalImageStores: ['/ro'],
  mountProgram: undefined,
  mountOptions: ['nodev'],
  volatileMounts: false,
  partialImages: false,
  transientStore: true,
  homeMount: false,
  idMappedMounts: false,
  sync: 'filesystem',
  ignoreChownErrors: true,
  autoIds: { user: 'ids', minSize: 10, maxSize: 20 },
  quota: { sizeBytes: 1024, inodes: undefined },
  unsupported: [],
  warnings: [],
};

describe('storeOptions', () => {
  it('takes what the configuration says, but for the roots that are named', () => {
    expect(storeOptions(config, { graphRoot: '/other' })).toEqual({
      graphRoot: '/other',
      runRoot: '/r',
      imageStore: '/images',
      additionalImageStores: ['/ro'],
      mountOptions: ['nodev'],
      volatileMounts: false,
      partialImages: false,
      transientStore: true,
      homeMount: false,
      idMappedMounts: false,
      sync: 'filesystem',
      ignoreChownErrors: true,
      autoIds: { user: 'ids', minSize: 10, maxSize: 20 },
      quota: { sizeBytes: 1024, inodes: undefined },
    });
  });

  it.each<[string, Partial<StorageConfig>]>([
    ['another driver', { driver: 'vfs' }],
    ['a mount program', { mountProgram: '/usr/bin/fuse-overlayfs' }],
    ['what the configuration says to be unsupported', { unsupported: ['overlay.force_mask'] }],
  ])('refuses %s', (_what, change) => {
    expect(() => storeOptions({ ...config, ...change })).toThrow(
      expect.objectContaining({ code: Code.Unimplemented, reason: 'UNSUPPORTED' }),
    );
  });
});
