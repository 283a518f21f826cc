// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { referrerOf, referrersTag } from './referrer.ts';

describe('referrersTag', () => {
  // The table of the specification.
  it.each([
    [`sha256:${'a'.repeat(64)}`, `sha256-${'a'.repeat(64)}`],
    [`sha512:${'a'.repeat(128)}`, `sha512-${'a'.repeat(64)}`],
    [
      'test+algorithm+using+algorithm+separators+and+lots+of+characters+to+excercise+overall+truncation:alsoSome=InTheEncodedSectionToShowHyphenReplacementAndLotsAndLotsOfCharactersToExcerciseEncodedTruncation',
      'test-algorithm-using-algorithm-s-alsoSome-InTheEncodedSectionToShowHyphenReplacementAndLotsAndLot',
    ],
  ])('of %s', (digest, tag) => {
    expect(referrersTag(digest as Digest)).toBe(tag);
  });
});

describe('referrerOf', async () => {
  const subject = await descriptorOf(MediaType.ImageManifest, new Uint8Array([1]));
  const config = await descriptorOf('application/vnd.example.config', new Uint8Array([2]));
  const base = { schemaVersion: 2, mediaType: MediaType.ImageManifest, config, layers: [], subject };

  it.each([
    ['its artifactType', { ...base, artifactType: 'a/b' }, { artifactType: 'a/b' }],
    ['the type of its config', base, { artifactType: config.mediaType }],
    ['that type where its own is empty', { ...base, artifactType: '' }, { artifactType: config.mediaType }],
    ['no type where it is none', { ...base, artifactType: '{a/b' }, {}],
    ['no type for an index', { schemaVersion: 2, manifests: [], subject }, {}],
    [
      'its annotations',
      { ...base, annotations: { a: 'b', __proto__: null } },
      { artifactType: config.mediaType, annotations: { a: 'b' } },
    ],
    [
      'only annotations that are texts',
      { ...base, annotations: { a: 1 } },
      { artifactType: config.mediaType },
    ],
  ])('shows %s', async (_, document, shown) => {
    const bytes = encodeJson(document);
    const descriptor: Descriptor = await descriptorOf(MediaType.ImageManifest, bytes);
    expect(referrerOf(descriptor, bytes)).toEqual({
      subject: subject.digest,
      descriptor: { ...descriptor, ...shown },
    });
  });

  it.each([
    ['has no subject', { ...base, subject: undefined }],
    ['has a subject that is none', { ...base, subject: { digest: 'x' } }],
    ['is a list', []],
  ])('is undefined for a document that %s', async (_, document) => {
    const bytes = encodeJson(document);
    expect(referrerOf(await descriptorOf(MediaType.ImageManifest, bytes), bytes)).toBeUndefined();
  });
});
