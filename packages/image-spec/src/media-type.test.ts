// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isConfigType, isIndexType, isLayerType, isManifestType, MediaType } from './index.ts';

describe('media types', () => {
  it('are of one kind at most', () => {
    const kinds = Object.entries(MediaType).map(([name, type]): [string, number] => [
      name,
      [isIndexType, isManifestType, isLayerType, isConfigType].filter((is) => is(type)).length,
    ]);
    const none = kinds.filter(([, count]) => count === 0).map(([name]) => name);
    expect(kinds.filter(([, count]) => count > 1)).toEqual([]);
    expect(none).toEqual([
      'Descriptor',
      'ImageLayout',
      'Empty',
      'DockerManifestV1',
      'DockerManifestV1Signed',
    ]);
  });
});
