// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseDigest } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { addManifest, type RepositoryRecord, removeManifest } from './record.ts';
import { createRecords } from './records.ts';

const digest = (hex: string): Digest => parseDigest(`sha256:${hex.repeat(64)}`);

it('saves changes that come together in one go, and shows them only when they are saved', async () => {
  const saved: string[][] = [];
  let release = () => {};
  const records = createRecords(new Map(), async (_, { tags }) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    saved.push([...tags.keys()]);
  });
  const put = (tag: string) => records.update('a', ({ tags }) => tags.set(tag, digest('a')).size);
  const first = put('1');
  const others = [put('2'), put('3')];
  expect(records.get('a')).toBeUndefined();
  release();
  expect(await first).toBe(1);
  expect([...(records.get('a')?.tags.keys() ?? [])]).toEqual(['1']);
  await new Promise((resolve) => setImmediate(resolve)); // until the others are being saved
  release();
  expect(await Promise.all(others)).toEqual([2, 3]);
  expect(saved).toEqual([['1'], ['1', '2', '3']]);
});

it('keeps what it had when a change is refused or cannot be saved, and refuses nobody else', async () => {
  let full = false;
  const records = createRecords(new Map(), async () => {
    if (full) throw new Error('disk full');
  });
  const put = (tag: string) => records.update('a', ({ tags }) => void tags.set(tag, digest('a')));
  const outcomes = await Promise.allSettled([
    put('1'),
    records.update('a', () => {
      throw new Error('refused');
    }),
    put('2'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  full = true;
  await expect(put('3')).rejects.toThrow('disk full');
  full = false;
  await put('4');
  expect([...(records.get('a')?.tags.keys() ?? [])]).toEqual(['1', '2', '4']);
});

it('knows who refers to a manifest without looking through all of them', async () => {
  const records = createRecords(new Map(), async () => undefined);
  const entry = (hex: string) => ({
    descriptor: { mediaType: 'a/b', digest: digest(hex), size: 1 },
    subject: digest('f'),
    references: [],
  });
  const referrers = (record: RepositoryRecord | undefined) => [...(record?.referrers.get(digest('f')) ?? [])];
  for (const hex of ['1', '2', '2']) await records.update('a', (draft) => addManifest(draft, entry(hex)));
  const before = records.get('a');
  expect(referrers(before)).toEqual([digest('1'), digest('2')]);
  for (const hex of ['1', '2', '3']) await records.update('a', (draft) => removeManifest(draft, digest(hex)));
  expect(records.get('a')?.referrers.size).toBe(0);
  // A reader that holds the old record is not disturbed.
  expect(referrers(before)).toEqual([digest('1'), digest('2')]);
});
