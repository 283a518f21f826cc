// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { createManifestCache } from './manifest-cache.ts';

const digest = (hex: string) => parseDigest(`sha256:${hex.repeat(64)}`);

it('keeps what was asked for last, within its bytes', () => {
  const cache = createManifestCache(10);
  const there = () => ['a', 'b', 'c', 'd'].filter((hex) => cache.get(digest(hex)) !== undefined);
  cache.set(digest('a'), new Uint8Array(4));
  cache.set(digest('b'), new Uint8Array(4));
  cache.get(digest('a'));
  cache.set(digest('c'), new Uint8Array(4));
  expect(there()).toEqual(['a', 'c']);
  cache.set(digest('d'), new Uint8Array(11));
  expect(there()).toEqual(['a', 'c']);
  cache.set(digest('c'), new Uint8Array(4));
  cache.set(digest('b'), new Uint8Array(2));
  expect(there()).toEqual(['a', 'b', 'c']);
});
