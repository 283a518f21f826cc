// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseDigest } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { addManifest, draftOf, type RecordDraft } from './record.ts';
import { unreachable } from './unreachable.ts';

const digest = (hex: string): Digest => parseDigest(`sha256:${hex.repeat(64)}`);

function add(draft: RecordDraft, hex: string, references: string, subject?: string): void {
  addManifest(draft, {
    descriptor: { mediaType: 'a/b', digest: digest(hex), size: 1 },
    ...(subject === undefined ? {} : { subject: digest(subject) }),
    references: [...references].map(digest),
  });
}

/** 1 is tagged and an index of 2; 3 signs 2; 4 signs 5, which is not there; blobs are letters. */
function example(): RecordDraft {
  const draft = draftOf(undefined);
  add(draft, '1', '2');
  add(draft, '2', 'ab');
  add(draft, '3', 'b', '2');
  add(draft, '4', 'c', '5');
  draft.tags.set('v1', digest('1'));
  return draft;
}

it.each([
  { name: 'by default all manifests stay', old: '1234abcdef', untagged: false, gone: 'def' },
  { name: 'untagged ones go with what only they need', old: '1234abcdef', untagged: true, gone: '4cdef' },
  { name: 'a young manifest keeps what it needs', old: '123abcdef', untagged: true, gone: 'def' },
  { name: 'young blobs stay', old: '1234', untagged: true, gone: '4' },
])('$name', ({ old, untagged, gone }) => {
  expect(unreachable(example(), [...old].map(digest), untagged)).toEqual([...gone].map(digest));
});

it('finds its way out of manifests that name each other', () => {
  const draft = draftOf(undefined);
  // Digests make this impossible, and a damaged folder does not know that.
  add(draft, '1', '2', '2');
  add(draft, '2', '1', '1');
  expect(unreachable(draft, [digest('1'), digest('2')], true)).toEqual([digest('1'), digest('2')]);
  draft.tags.set('v1', digest('1'));
  expect(unreachable(draft, [digest('1'), digest('2')], true)).toEqual([]);
});

it('leaves all of a repository alone in which there is a manifest that cannot be read', () => {
  const draft = { ...example(), foreign: [{ mediaType: 'a/b', digest: digest('9'), size: 1 }] };
  expect(unreachable(draft, [digest('d')], true)).toEqual([]);
  add(draft, '9', 'd');
  expect(unreachable(draft, [...'de9'].map(digest), true)).toEqual([digest('e')]);
});
