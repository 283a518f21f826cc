// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Code } from '@lading/errors';
import { describe, expect, it, vi } from 'vitest';
import { type Digest, digestBytes, parseDigest, verifyStream } from './index.ts';

const hex = 'a'.repeat(64);
const bytes = new TextEncoder().encode('a bill of lading');

describe('verifyStream', () => {
  async function* chunks(data: Uint8Array, size = 5): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < data.length; i += size) yield data.subarray(i, i + size);
  }
  async function read(
    source: AsyncIterable<Uint8Array>,
    expected: { digest: Digest; size: number },
    signal?: AbortSignal,
  ): Promise<number> {
    let size = 0;
    const options = signal === undefined ? {} : { signal };
    for await (const chunk of verifyStream(source, expected, (a) => createHash(a), options)) {
      size += chunk.length;
    }
    return size;
  }

  it.each(['sha256', 'sha512'] as const)('passes the right bytes by %s', async (algorithm) => {
    const digest = await digestBytes(bytes, algorithm);
    expect(await read(chunks(bytes), { digest, size: bytes.length })).toBe(bytes.length);
  });

  it('passes nothing when nothing is expected', async () => {
    const digest = await digestBytes(new Uint8Array());
    expect(await read(chunks(new Uint8Array()), { digest, size: 0 })).toBe(0);
  });

  it.each([
    ['a byte less', bytes.subarray(1), 'TRUNCATED'],
    ['nothing', new Uint8Array(), 'TRUNCATED'],
    ['a byte more', Uint8Array.of(...bytes, 0), 'SIZE_MISMATCH'],
    ['another byte', Uint8Array.of(0, ...bytes.subarray(1)), 'DIGEST_MISMATCH'],
  ])('fails on %s', async (_name, data, reason) => {
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await expect(read(chunks(data), expected)).rejects.toMatchObject({ code: Code.DataLoss, reason });
  });

  it('stops a sender who does not, and closes the source', async () => {
    let sent = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(1 + 0 * sent++);
      } finally {
        closed = true;
      }
    }
    const expected = { digest: await digestBytes(bytes), size: 10 };
    await expect(read(endless(), expected)).rejects.toMatchObject({ reason: 'SIZE_MISMATCH' });
    expect([sent, closed]).toEqual([11, true]);
  });

  it('closes the source when the reader leaves early', async () => {
    for (const options of [{}, { signal: new AbortController().signal }]) {
      let closed = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          yield* chunks(bytes);
        } finally {
          closed = true;
        }
      }
      const expected = { digest: await digestBytes(bytes), size: bytes.length };
      for await (const _ of verifyStream(source(), expected, (a) => createHash(a), options)) break;
      expect(closed).toBe(true);
    }
  });

  it('hashes by itself where it is given no hasher', async () => {
    const digest = await digestBytes(bytes, 'sha512');
    const good = verifyStream(chunks(bytes), { digest, size: bytes.length });
    expect(Buffer.concat(await Array.fromAsync(good))).toEqual(Buffer.from(bytes));
    const bad = verifyStream(chunks(bytes.toReversed()), { digest, size: bytes.length });
    await expect(Array.fromAsync(bad)).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' });
  });

  it('listens once to the signal, however many chunks there are, and stops at the end', async () => {
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, 'addEventListener');
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await read(chunks(bytes, 1), expected, signal);
    expect(listen).toHaveBeenCalledTimes(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('tells what was wrong with the bytes even when the source cannot be closed', async () => {
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: bytes }),
        return: async () => {
          throw new TypeError('cannot close');
        },
      }),
    };
    const expected = { digest: await digestBytes(bytes), size: 1 };
    await expect(read(source, expected)).rejects.toMatchObject({ reason: 'SIZE_MISMATCH' });
  });

  it('ends at an abort while the source hangs', async () => {
    const controller = new AbortController();
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield bytes;
      queueMicrotask(() => controller.abort());
      await new Promise(() => {});
    }
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await expect(read(hanging(), expected, controller.signal)).rejects.toMatchObject({ code: Code.Canceled });
  });

  it('does not begin after an abort', async () => {
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await expect(read(chunks(bytes), expected, AbortSignal.abort())).rejects.toMatchObject({
      code: Code.Canceled,
    });
  });

  it('passes an error of the source on', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1);
      throw new TypeError('reset');
    }
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await expect(read(broken(), expected)).rejects.toThrow('reset');
    await expect(read(broken(), expected, new AbortController().signal)).rejects.toThrow('reset');
  });

  it('refuses an algorithm that it cannot compute before it reads', async () => {
    const expected = { digest: parseDigest(`blake3:${hex}`), size: 1 };
    await expect(read(chunks(bytes), expected)).rejects.toMatchObject({ code: Code.Unimplemented });
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses the size %d', async (size) => {
    const expected = { digest: await digestBytes(bytes), size };
    await expect(read(chunks(bytes), expected)).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});
