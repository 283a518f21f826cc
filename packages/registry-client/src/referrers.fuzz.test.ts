// SPDX-License-Identifier: Apache-2.0
import { encodeJson, isDescriptor, MediaType } from '@lading/image-spec';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentType, documentBytes, tried } from '../test/hostile-documents.ts';
import { referrersTag } from './referrer.ts';
import { readReferrers } from './referrers.ts';

it('an answer of the referrers API gives descriptors or a typed error', { timeout: 120_000 }, () => {
  let read = 0;
  fc.assert(
    fc.property(contentType, documentBytes, (type, bytes) => {
      const referrers = tried(() => readReferrers('r.example', type, bytes));
      if (referrers === undefined) return true;
      read += 1;
      const again = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: referrers });
      return (
        referrers.every((one) => isDescriptor(one) && /^\w[\w.-]{0,127}$/.test(referrersTag(one.digest))) &&
        JSON.stringify(readReferrers('r.example', MediaType.ImageIndex, again)) === JSON.stringify(referrers)
      );
    }),
    { numRuns: 100_000 },
  );
  expect(read).toBeGreaterThan(1000);
});
