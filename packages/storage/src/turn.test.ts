// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { inTurn } from './turn.ts';

describe('inTurn', () => {
  it('runs work of one key in the order of the calls, and of two keys side by side', async () => {
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = inTurn('a', undefined, async () => {
      await gate.promise;
      seen.push('a1');
    });
    const second = inTurn('a', undefined, async () => void seen.push('a2'));
    await inTurn('b', undefined, async () => void seen.push('b1'));
    gate.resolve();
    await Promise.all([first, second]);
    expect(seen).toEqual(['b1', 'a1', 'a2']);
  });

  it('goes on after work that failed', async () => {
    const failed = inTurn('a', undefined, () => Promise.reject(new Error('no')));
    const next = inTurn('a', undefined, async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('lets a waiting caller go, and keeps the order of the others', async () => {
    const gate = Promise.withResolvers<void>();
    const abort = new AbortController();
    const seen: string[] = [];
    const first = inTurn('a', undefined, async () => {
      await gate.promise;
      seen.push('first');
    });
    const gone = inTurn('a', abort.signal, async () => void seen.push('gone'));
    const last = inTurn('a', undefined, async () => void seen.push('last'));
    abort.abort();
    await expect(gone).rejects.toMatchObject({ code: Code.Canceled });
    expect(seen).toEqual([]);
    gate.resolve();
    await Promise.all([first, last]);
    expect(seen).toEqual(['first', 'last']);
  });
});
