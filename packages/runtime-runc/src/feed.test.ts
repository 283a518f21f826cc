// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { feed } from './feed.ts';

const never = new Promise<void>(() => {});

async function* chunks(count: number, state: { closed?: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for (let i = 0; i < count; i++) yield Uint8Array.of(i);
  } finally {
    state.closed = true;
  }
}

describe('feed', () => {
  it('gives all chunks in order', async () => {
    const seen: number[] = [];
    const end = await feed(chunks(3, {}), never, async (chunk) => {
      seen.push(...chunk);
      return true;
    });
    expect({ end, seen }).toEqual({ end: 'ended', seen: [0, 1, 2] });
  });

  it('closes the source when its reader has enough', async () => {
    const state: { closed?: boolean } = {};
    expect(await feed(chunks(3, state), never, async () => false)).toBe('left');
    expect(state.closed).toBe(true);
  });

  it.each([
    ['settles', () => Promise.resolve()],
    ['fails', () => Promise.reject(new Error('x'))],
  ])('leaves a source that never gives anything when the stop %s', async (_name, stop) => {
    const silent: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    expect(await feed(silent, stop(), async () => true)).toBe('left');
  });

  it('passes a failure of the source on', async () => {
    const failing: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')) }),
    };
    await expect(feed(failing, never, async () => true)).rejects.toThrow('broken');
  });
});
