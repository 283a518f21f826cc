// SPDX-License-Identifier: Apache-2.0
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';
import { zstdFrames } from './zstd-frames.ts';

const frame = (text: string, size = 1): Buffer => zstdCompressSync(Buffer.from(text.repeat(size)));
const withChecksum = zstdCompressSync(Buffer.from('sum'), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const skippable = (text: string, kind = 0): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + kind, 0);
  header.writeUInt32LE(text.length, 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found);
}

describe('a zstd stream', () => {
  const long = frame('0123456789abcdef', 50_000); // several blocks
  const cases: [string, Buffer[], string][] = [
    ['of one frame', [frame('a')], 'a'],
    [
      'of several frames',
      [frame('a'), long, withChecksum, frame('b')],
      `a${'0123456789abcdef'.repeat(50_000)}sumb`,
    ],
    [
      'with skippable frames before, between and after',
      [skippable('x'), frame('a'), skippable('', 15), frame('b'), skippable('yyy')],
      'ab',
    ],
    ['with an empty frame', [frame(''), frame('a'), frame('')], 'a'],
    ['of one byte repeated', [frame('z', 300_000)], 'z'.repeat(300_000)],
  ];
  it.each(cases)('%s is read however it is cut', async (_name, frames, text) => {
    const bytes = Buffer.concat(frames);
    for (const size of [1, 3, 7, 1000, bytes.length]) {
      if (size === 1 && bytes.length > 5000) continue;
      expect((await all(decompress(pieces(bytes, size)).chunks)).toString()).toBe(text);
    }
  });

  it('comes out of the cutter without its skippable frames, and otherwise as it was', async () => {
    const bytes = Buffer.concat([frame('a'), skippable('x'), withChecksum]);
    for (const size of [1, 5, 1000]) {
      expect(await all(zstdFrames(pieces(bytes, size)))).toEqual(Buffer.concat([frame('a'), withChecksum]));
    }
  });

  it.each([
    ['ends in a frame', Buffer.concat([frame('a'), frame('b').subarray(0, -1)])],
    ['ends in a magic number', Buffer.concat([frame('a'), frame('b').subarray(0, 2)])],
    ['ends in a skippable frame', Buffer.concat([frame('a'), skippable('xyz').subarray(0, -1)])],
    ['is followed by something else', Buffer.concat([frame('a'), Buffer.from('something else')])],
  ])('that %s is refused', async (_name, bytes) => {
    await expect(all(decompress(pieces(bytes, 4)).chunks)).rejects.toMatchObject({ code: 'data_loss' });
  });
});
