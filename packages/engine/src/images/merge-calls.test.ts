// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { mergeCalls } from './merge-calls.ts';

/** Work that ends when it is told to, and counts how often it was begun. */
function counted(): {
  begun: AbortSignal[];
  tell: (event: string) => void;
  end: PromiseWithResolvers<string>;
  work: (shared: { signal: AbortSignal; onProgress: (event: string) => void }) => Promise<string>;
} {
  const end = Promise.withResolvers<string>();
  const begun: AbortSignal[] = [];
  let say = (_event: string): void => {};
  return {
    begun,
    end,
    tell: (event) => say(event),
    work: ({ signal, onProgress }) => {
      begun.push(signal);
      say = onProgress;
      signal.addEventListener('abort', () => end.reject(signal.reason));
      return end.promise;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('calls for the same', () => {
  it('are one while it runs, and each hears of it', async () => {
    const merge = mergeCalls<string, string>();
    const { begun, end, tell, work } = counted();
    const heard: string[] = [];
    const calls = ['a', 'b'].map((who) =>
      merge('x', { onProgress: (event) => heard.push(`${who} ${event}`) }, work),
    );
    await turn();
    tell('half');
    end.resolve('done');
    expect(await Promise.all(calls)).toEqual(['done', 'done']);
    expect(begun).toHaveLength(1);
    expect(heard).toEqual(['a half', 'b half']);
    await merge('x', {}, work);
    expect(begun).toHaveLength(2);
  });

  it('are apart with another key', async () => {
    const merge = mergeCalls<string, string>();
    const { begun, end, work } = counted();
    const calls = ['x', 'y'].map((key) => merge(key, {}, work));
    end.resolve('done');
    await Promise.all(calls);
    expect(begun).toHaveLength(2);
  });

  it('go on when one of them leaves, and end with the last', async () => {
    const merge = mergeCalls<string, string>();
    const { begun, work } = counted();
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [first, second].map(({ signal }) => merge('x', { signal }, work));
    await turn();
    first.abort();
    await expect(calls[0]).rejects.toMatchObject({ code: 'canceled' });
    expect(begun[0]?.aborted).toBe(false);
    second.abort();
    await expect(calls[1]).rejects.toThrow();
    expect(begun[0]?.aborted).toBe(true);
  });

  it('do not begin for one that was aborted before', async () => {
    const merge = mergeCalls<string, string>();
    const { begun, work } = counted();
    await expect(merge('x', { signal: AbortSignal.abort() }, work)).rejects.toMatchObject({
      code: 'canceled',
    });
    expect(begun).toEqual([]);
  });

  it('all fail with it, and the next begins anew', async () => {
    const merge = mergeCalls<string, string>();
    const fail = async (): Promise<string> => {
      throw new Error('no');
    };
    const calls = [1, 2].map(() => merge('x', {}, fail));
    for (const call of calls) await expect(call).rejects.toThrow('no');
    expect(await merge('x', {}, async () => 'yes')).toBe('yes');
  });
});
