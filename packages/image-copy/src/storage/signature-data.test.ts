// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '@lading/image-spec';
import { expect, it } from 'vitest';
import type { ImageSignature } from '../trust/image-signature.ts';
import { formatSignatureData, readSignatureData } from './signature-data.ts';

const digest = parseDigest(`sha256:${'0a'.repeat(32)}`);
const signatures: readonly ImageSignature[] = [
  { kind: 'simple', bytes: Uint8Array.of(0x90, 1, 2) },
  { kind: 'simple', bytes: Buffer.from('plain') },
  {
    kind: 'sigstore',
    mimeType: 'application/x',
    payload: Buffer.from('{}'),
    annotations: new Map([
      ['a', 'é'],
      ['b', '"'],
    ]),
  },
];

function read(metadata: string | undefined, data: ReadonlyMap<string, Uint8Array>, instance = false) {
  return readSignatureData(metadata, { digest, instance: instance ? digest : undefined }, async (key) =>
    data.get(key),
  );
}

it('signatures come back as they were, by the image and by the manifest', async () => {
  const { metadata, data } = formatSignatureData(signatures, digest);
  const plain = (list: readonly ImageSignature[]) =>
    list.map((one) => (one.kind === 'simple' ? { ...one, bytes: Buffer.from(one.bytes) } : one));
  expect(plain(await read(metadata, data))).toEqual(plain(signatures));
  expect(plain(await read(metadata, data, true))).toEqual(plain(signatures));
  expect([...data.keys()]).toEqual(['signatures', `signature-${'0a'.repeat(32)}`]);
});

it('an image without signatures has an empty note, and leaves nothing to read', async () => {
  expect(formatSignatureData([], digest)).toEqual({ metadata: '{}', data: new Map() });
  expect(await read('{}', new Map())).toEqual([]);
});

it.each([
  ['none', undefined],
  ['no JSON', 'made by hand'],
  ['another document', '{"image-name":"x"}'],
  ['sizes that are no list', '{"signature-sizes":7}'],
  ['a key twice', '{"signature-sizes":[3],"signature-sizes":[3]}'],
])('a note that is %s tells of no signatures', async (_, metadata) => {
  expect(await read(metadata, new Map([['signatures', Buffer.from('abc')]]))).toEqual([]);
});

it.each([
  ['longer than the file', '{"signature-sizes":[4]}'],
  ['shorter than the file', '{"signature-sizes":[2]}'],
  ['for a file that is not there', '{"signatures-sizes":{"DIGEST":[3]}}'],
])('sizes %s are an error', async (_, metadata) => {
  const data = new Map([['signatures', Uint8Array.of(0x90, 1, 2)]]);
  const note = metadata.replace('DIGEST', digest);
  await expect(read(note, data, metadata.includes('DIGEST'))).rejects.toThrow(/not complete/);
});
