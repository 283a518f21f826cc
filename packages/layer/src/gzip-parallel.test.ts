// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipBlockBytes, gzipParallel } from './gzip-parallel.ts';
import { travellingMemory } from './travelling-memory.ts';

/** Bytes that compress somewhat, the same in every run. */
function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let i = 0; i < size; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    bytes[i] = (state >> 16) & (i & 0x4000 ? 0x0f : 0xff);
  }
  return bytes;
}

async function* inPieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function gzipped(bytes: Buffer, pieceBytes: number, level = 4, concurrency?: number): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of gzipParallel(inPieces(bytes, pieceBytes), { level, concurrency }))
    found.push(chunk);
  return Buffer.concat(found);
}

describe('gzipParallel', () => {
  const sizes: readonly (readonly [string, number])[] = [
    ['nothing', 0],
    ['one byte', 1],
    ['a block but a byte', gzipBlockBytes - 1],
    ['a block', gzipBlockBytes],
    ['a block and a byte', gzipBlockBytes + 1],
    ['many blocks', 5 * gzipBlockBytes + 12_345],
  ];
  it.each(sizes)('makes one member that unpacks to the same bytes, of %s', async (_name, size) => {
    const bytes = bytesOf(size);
    for (const level of [3, 4]) {
      const packed = await gzipped(bytes, 100_000, level);
      expect(gunzipSync(packed).equals(bytes)).toBe(true);
      expect(packed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    }
  });

  it('makes the same bytes of little here as on another thread', async () => {
    const [head, little] = [bytesOf(gzipBlockBytes), bytesOf(20_000)];
    const bodyOf = async (bytes: Buffer): Promise<Buffer> =>
      (await gzipped(bytes, 100_000, 3)).subarray(10, -10);
    const both = await bodyOf(Buffer.concat([head, little]));
    expect(both.equals(Buffer.concat([await bodyOf(head), await bodyOf(little)]))).toBe(true);
  });

  it.each([1, 3, 4])(
    'makes the same bytes with any number of cores, and of chunks of any size, at level %i',
    async (level) => {
      const bytes = bytesOf(3 * gzipBlockBytes + 1);
      const expected = await gzipped(bytes, gzipBlockBytes, level, 1);
      for (const [pieceBytes, concurrency] of [
        [gzipBlockBytes, 8],
        [777_777, 3],
        [bytes.length, 2],
      ] as const)
        expect((await gzipped(bytes, pieceBytes, level, concurrency)).equals(expected)).toBe(true);
    },
  );

  it('gives a block the same bytes wherever it stands', async () => {
    const block = bytesOf(gzipBlockBytes);
    const bodyOf = async (bytes: Buffer): Promise<Buffer> =>
      (await gzipped(bytes, 100_000)).subarray(10, -10);
    const once = await bodyOf(block);
    const thrice = await bodyOf(Buffer.concat([block, block, block]));
    expect(thrice.equals(Buffer.concat([once, once, once]))).toBe(true);
  });

  it('takes its chunks back, and gives back those of its source', async () => {
    const bytes = bytesOf(6 * gzipBlockBytes + 99);
    const given: Uint8Array[] = [];
    const source = Object.assign(inPieces(bytes, gzipBlockBytes), {
      recycle: (chunk: Uint8Array) => given.push(chunk),
    });
    const packed = gzipParallel(source, { level: 1 });
    const found: Buffer[] = [];
    const memory = new Set<ArrayBufferLike>();
    for await (const chunk of packed) {
      found.push(Buffer.from(chunk));
      memory.add(chunk.buffer);
      packed.recycle(chunk);
    }
    expect(gunzipSync(Buffer.concat(found)).equals(bytes)).toBe(true);
    expect(given.length).toBe(7); // the last one as soon as it was copied to a block
    expect(memory.size).toBeLessThan(found.length);
  });

  it('lends the memory of chunks that may travel, but only of whole blocks, and gives all of them back', async () => {
    const bytes = bytesOf(6 * gzipBlockBytes + 99);
    const given: number[] = [];
    const travelling = async function* (): AsyncGenerator<Uint8Array> {
      let at = 0;
      for (const size of [2, 3].flatMap((n) => [gzipBlockBytes, gzipBlockBytes, n, gzipBlockBytes - n, 0])) {
        const chunk = new Uint8Array(bytes.subarray(at, at + size));
        at += size;
        travellingMemory.add(chunk.buffer);
        yield chunk;
      }
      yield bytes.subarray(at);
    };
    const source = Object.assign(travelling(), { recycle: ({ length }: Uint8Array) => given.push(length) });
    const found: Uint8Array[] = [];
    for await (const chunk of gzipParallel(source, { level: 3 })) found.push(chunk);
    expect(gunzipSync(Buffer.concat(found)).equals(bytes)).toBe(true);
    expect(given.length).toBe(11);
    expect(given.filter((length) => length === gzipBlockBytes).length).toBe(4);
  });

  it.each([3, 4])('stores noise as it is, between what it compresses, at level %i', async (level) => {
    const text = Buffer.alloc(100_000, 'a line of text\n');
    const noise = randomBytes(150_000);
    const bytes = Buffer.concat([text, noise, text, randomBytes(9_000), text, noise, noise, text]);
    const packed = await gzipped(bytes, 50_000, level);
    expect(gunzipSync(packed).equals(bytes)).toBe(true);
    expect(packed.includes(noise.subarray(70_000, 72_000))).toBe(true);
    expect(packed.length).toBeLessThan(3 * noise.length + 9_000 + 10_000);
  });

  it('makes fewer bytes at a higher level', async () => {
    const bytes = Buffer.from(
      Array.from({ length: 10_000 }, (_, i) => `line ${i * 7919} of many\n`).join(''),
    );
    const [low, high] = [await gzipped(bytes, 1 << 20, 1), await gzipped(bytes, 1 << 20, 9)];
    expect(high.length).toBeLessThan(low.length);
    expect([low[8], high[8]]).toEqual([4, 2]);
  });

  it('throws what its source throws, and ends the source when its reader leaves', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytesOf(gzipBlockBytes * 2);
      throw new Error('source broke');
    };
    await expect(
      (async () => {
        for await (const _ of gzipParallel(broken(), { level: 4, concurrency: 4 }));
      })(),
    ).rejects.toThrow('source broke');
    let isEnded = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytesOf(gzipBlockBytes);
      } finally {
        isEnded = true;
      }
    };
    for await (const chunk of gzipParallel(endless(), { level: 1 })) if (chunk.length > 10) break;
    expect(isEnded).toBe(true);
  });
});
