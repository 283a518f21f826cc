// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  chainIds,
  digestAlgorithm,
  digestBytes,
  digestHex,
  isDigest,
  parseDigest,
  verifyBytes,
} from './index.ts';

const hex = 'a'.repeat(64);
const bytes = new TextEncoder().encode('a bill of lading');

describe('parseDigest', () => {
  it.each([
    `sha256:${hex}`,
    `sha512:${hex}${hex}`,
    `blake3:${hex}`,
    'multihash+base58:Qm_-=',
    'a.b-c_d:0',
    'constructor:0',
  ])('takes %s', (text) => {
    const digest = parseDigest(text);
    expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(text);
  });

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

describe('digestBytes on a page without Web Crypto', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(['sha256', 'sha512'] as const)('gives the same by %s', async (algorithm) => {
    const expected = await digestBytes(bytes, algorithm);
    vi.stubGlobal('crypto', {});
    expect(await digestBytes(bytes, algorithm)).toBe(expected);
  });
});

describe('verifyBytes', () => {
  it.each(['sha256', 'sha512'] as const)('takes the right bytes by %s', async (algorithm) => {
    const expected = { digest: await digestBytes(bytes, algorithm), size: bytes.length };
    expect(await verifyBytes(bytes, expected)).toBeUndefined();
  });

  it.each([
    ['a byte less', bytes.subarray(1), 'TRUNCATED'],
    ['a byte more', Uint8Array.of(...bytes, 0), 'SIZE_MISMATCH'],
    ['another byte', Uint8Array.of(0, ...bytes.subarray(1)), 'DIGEST_MISMATCH'],
  ])('refuses %s', async (_name, data, reason) => {
    const expected = { digest: await digestBytes(bytes), size: bytes.length };
    await expect(verifyBytes(data, expected)).rejects.toMatchObject({ code: Code.DataLoss, reason });
  });

  it.each([`blake3:${hex}`, 'md5:00'])('cannot verify %s', async (text) => {
    const expected = { digest: parseDigest(text), size: bytes.length };
    await expect(verifyBytes(bytes, expected)).rejects.toMatchObject({
      code: Code.Unimplemented,
      reason: 'UNSUPPORTED',
    });
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
