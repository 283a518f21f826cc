// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chainIds,
  type Digest,
  digestAlgorithm,
  digestBytes,
  digestHex,
  isDigest,
  parseDigest,
  verifyStream,
} from './index.ts';

const hex = 'a'.repeat(64);
const bytes = new TextEncoder().encode('a bill of lading');

describe('parseDigest', () => {
  it.each([`sha256:${hex}`, `sha512:${hex}${hex}`, `blake3:${hex}`, 'multihash+base58:Qm_-=', 'a.b-c_d:0'])(
    'takes %s',
    (text) => {
      const digest = parseDigest(text);
      expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(text);
    },
  );

  it.each([
    '',
    ':',
    'sha256:',
    `:${hex}`,
    hex,
    `sha256:${hex}0`,
    `sha256:${hex.slice(1)}`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `sha256:${hex}\n`,
    ` sha256:${hex}`,
    'sha256:../x',
    'x:a/b',
    'x++y:a',
    `x:${'a'.repeat(255)}`,
    'x:a:b',
  ])('refuses %j', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ reason: 'DIGEST_INVALID' }));
  });

  it.each([undefined, null, 1, {}, [`sha256:${hex}`]])('does not take %j for one', (value) => {
    expect(isDigest(value)).toBe(false);
  });
});

describe('digestBytes', () => {
  it('agrees with OpenSSL', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom('sha256', 'sha512'), async (data, algorithm) => {
        const expected = `${algorithm}:${createHash(algorithm).update(data).digest('hex')}`;
        expect(await digestBytes(data, algorithm)).toBe(expected);
      }),
    );
  });
});

describe('chainIds', () => {
  it('hashes each layer with the chain below', async () => {
    const [a, b] = [parseDigest(`sha256:${hex}`), parseDigest(`sha256:${'b'.repeat(64)}`)];
    const second = createHash('sha256').update(`${a} ${b}`).digest('hex');
    const third = createHash('sha256').update(`sha256:${second} ${a}`).digest('hex');
    expect(await chainIds([a, b, a])).toEqual([a, `sha256:${second}`, `sha256:${third}`]);
    expect(await chainIds([])).toEqual([]);
  });
});

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
