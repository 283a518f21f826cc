// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { createRepeatedRequests, digestOfRequest, type Making } from './repeated-requests.ts';

const making = (more: Partial<Making>): Making => ({
  name: 'web',
  digest: 'a',
  signal: new AbortController().signal,
  make: async () => 'id',
  digestOf: async () => undefined,
  ...more,
});

const taken = async (): Promise<never> => {
  throw new LadingError(Code.AlreadyExists, 'taken', { reason: 'NAME_IN_USE', details: { id: 'old' } });
};

describe('a repeated request', () => {
  it('waits for what the first one makes', async () => {
    const requests = createRepeatedRequests();
    const { promise, resolve } = Promise.withResolvers<string>();
    const left = new AbortController();
    const first = requests.answer(making({ make: () => promise, signal: left.signal }));
    left.abort();
    await expect(first).rejects.toMatchObject({ code: 'canceled' });
    expect(requests.isUnderWay('web')).toBe(true);
    const second = requests.answer(making({ make: taken }));
    resolve('one');
    expect(await second).toBe('one');
    expect(requests.isUnderWay('web')).toBe(false);
  });

  it('is given what nobody was told of, and only once', async () => {
    const requests = createRepeatedRequests();
    const again = making({ make: taken, digestOf: async () => 'a' });
    expect(await requests.answer(again)).toBe('old');
    await expect(requests.answer(again)).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
  });

  it('is refused when it is for something else, or what is there has been used', async () => {
    const requests = createRepeatedRequests();
    for (const digest of ['b', undefined]) {
      const other = making({ make: taken, digestOf: async () => digest });
      await expect(requests.answer(other)).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
    }
  });

  it('waits for it also when another wish for the name was refused meanwhile', async () => {
    const requests = createRepeatedRequests();
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = requests.answer(making({ make: () => promise }));
    const other = requests.answer(making({ digest: 'b', make: taken }));
    await expect(other).rejects.toMatchObject({ reason: 'NAME_IN_USE' });
    expect(requests.isUnderWay('web')).toBe(true);
    const again = requests.answer(making({ make: taken }));
    resolve('one');
    expect(await Promise.all([first, again])).toEqual(['one', 'one']);
  });

  it('is remembered for a while, not for ever', async () => {
    const requests = createRepeatedRequests();
    const again = making({ make: taken, digestOf: async () => 'a' });
    expect(await requests.answer(again)).toBe('old');
    for (let i = 0; i < 1000; i += 1) {
      await requests.answer(making({ name: `other-${i}`, make: async () => `id-${i}` }));
    }
    expect(await requests.answer(again)).toBe('old');
  });

  it('begins anew after a failure', async () => {
    const requests = createRepeatedRequests();
    const failing = making({ make: async () => Promise.reject(new Error('no')) });
    await expect(requests.answer(failing)).rejects.toThrow('no');
    expect(await requests.answer(making({}))).toBe('id');
  });
});

it('tells requests apart, also by numbers beyond those of JSON', () => {
  expect(digestOfRequest({ a: 1n })).not.toBe(digestOfRequest({ a: 2n }));
  expect(digestOfRequest({ a: [1n] })).toBe(digestOfRequest({ a: [1n] }));
});
