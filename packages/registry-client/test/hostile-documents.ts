// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { digestBytes, encodeJson, MediaType } from '@lading/image-spec';
import fc from 'fast-check';

const digest = await digestBytes(new Uint8Array([1]));

const descriptor = fc.record(
  {
    mediaType: fc.constantFrom<unknown>(MediaType.ImageManifest, MediaType.LayerGzip, 'x', 7),
    digest: fc.constantFrom<unknown>(digest, 'sha256:x', 'sha256:../../x', null),
    size: fc.constantFrom<unknown>(0, 1, -1, 1.5, 2 ** 60, '1'),
    artifactType: fc.constantFrom<unknown>('a/b', '', null),
    annotations: fc.constantFrom<unknown>({ a: 'b' }, { a: 1 }, []),
    platform: fc.constantFrom<unknown>({ os: 'linux', architecture: 'amd64' }, {}, 'linux'),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
);
const good = fc.constant({ mediaType: MediaType.ImageManifest, digest, size: 1, artifactType: 'a/b' });
const entry = fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: descriptor });
const document = fc.record(
  {
    schemaVersion: fc.constantFrom<unknown>(2, 2, 2, 1, '2'),
    mediaType: fc.constantFrom<unknown>(MediaType.ImageIndex, MediaType.ImageManifest, 'text/html', 1),
    artifactType: fc.constantFrom<unknown>('a/b', 7),
    manifests: fc.oneof(fc.array(entry, { maxLength: 2 }), fc.constantFrom<unknown>(null, {}, 'x')),
    config: entry,
    layers: fc.oneof(fc.array(entry, { maxLength: 2 }), fc.constant<unknown>(null)),
    subject: entry,
    annotations: fc.constantFrom<unknown>({ a: 'b' }, { __proto__: 'x' }, 3),
  },
  { requiredKeys: ['schemaVersion'] },
);
const valid = fc.oneof(
  fc.array(good, { maxLength: 3 }).map((manifests) => ({ schemaVersion: 2, manifests })),
  fc.array(good, { maxLength: 3 }).map((layers) => ({ schemaVersion: 2, config: layers[0], layers })),
);
const anyDocument = fc.oneof(valid, document);
/** Manifests and indexes, good and bad, and what was changed in one byte or is nothing of the kind. */
export const documentBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: anyDocument.map(encodeJson) },
  {
    weight: 2,
    arbitrary: fc.tuple(anyDocument.map(encodeJson), fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
      const changed = bytes.slice();
      changed[at % Math.max(1, changed.length)] = value;
      return changed;
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }).map((text) => new TextEncoder().encode(text)) },
);
/** What may stand in a Content-Type header. */
export const contentType: fc.Arbitrary<string | null> = fc.oneof(
  fc.constantFrom(
    null,
    '',
    MediaType.ImageIndex,
    MediaType.ImageManifest,
    `${MediaType.ImageIndex}; charset=utf-8`,
    'application/json',
    'text/html',
  ),
  fc.string({ maxLength: 30 }),
);

/** The value, or undefined for a failure of the kind that callers are promised: typed, and told in one line. */
export function tried<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const promised =
      error instanceof LadingError && /^[^\p{Cc}]{1,600}$/u.test((error as LadingError).message);
    if (promised) return undefined;
    throw error;
  }
}
