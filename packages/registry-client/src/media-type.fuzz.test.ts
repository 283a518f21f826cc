// SPDX-License-Identifier: Apache-2.0
import { digestBytes, isDescriptor, parseManifestOrIndex } from '@lading/image-spec';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentType, documentBytes, tried } from '../test/hostile-documents.ts';
import { manifestMediaType } from './media-type.ts';
import { referrerOf } from './referrer.ts';

const digest = await digestBytes(new Uint8Array([1]));

it('a manifest has one type, and is read as that or not at all', { timeout: 120_000 }, () => {
  let read = 0;
  fc.assert(
    fc.property(contentType, documentBytes, (type, bytes) => {
      const mediaType = tried(() => manifestMediaType('r.example', type, bytes));
      const referrer = referrerOf({ mediaType: 'a/b', digest, size: 1 }, bytes);
      if (referrer !== undefined && !isDescriptor(referrer.descriptor)) return false;
      const parsed =
        mediaType === undefined ? undefined : tried(() => parseManifestOrIndex(bytes, mediaType));
      if (mediaType === undefined || parsed === undefined) return true;
      read += 1;
      const members: object = parsed.kind === 'index' ? parsed.index : parsed.manifest;
      const has = (name: string) =>
        Object.entries(members).some(([key, value]) => key === name && value !== null);
      return (
        manifestMediaType('r.example', mediaType, bytes) === mediaType && !(has('layers') && has('manifests'))
      );
    }),
    { numRuns: 100_000 },
  );
  expect(read).toBeGreaterThan(1000);
});
