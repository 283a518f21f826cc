// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { createHostLimits, type HostLimitOptions } from './host-limits.ts';
import type { Transport, TransportResponse } from './transport.ts';

/** A transport whose answers come when the test lets them, and a clock that only pauses move. */
function setUp(options: HostLimitOptions) {
  let time = 1_000_000;
  const pauses: number[] = [];
  const sent: { path: string; answer: (status?: number, headers?: Record<string, string>) => void }[] = [];
  const inner: Transport = {
    send: ({ url }) =>
      new Promise<TransportResponse>((resolve) => {
        const answer = (status = 200, headers = {}) =>
          resolve({ status, headers: new Headers(headers), body: (async function* () {})() });
        sent.push({ path: url.pathname, answer });
      }),
    async close() {},
  };
  const limits = createHostLimits(
    options,
    () => time,
    async (waitMs) => {
      pauses.push(waitMs);
      time += waitMs;
    },
  );
  const transport = limits.wrap(inner);
  const send = (path: string, method = 'GET', signal?: AbortSignal, host = 'r.example') =>
    transport.send({ method, url: new URL(path, `https://${host}`), headers: {}, tlsVerify: true, signal });
  return {
    limits,
    send,
    sent,
    pauses,
    paths: () => sent.map(({ path }) => path),
    elapsed: () => time - 1_000_000,
  };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('a host with room for two', () => {
  it('is asked for the third when a body has been read, in the order of asking', async () => {
    const { send, sent, paths } = setUp({ maxConcurrency: 2 });
    const [first] = ['/1', '/2', '/3', '/4'].map((path) => send(path));
    await turns();
    expect(paths()).toEqual(['/1', '/2']);
    sent[0]?.answer();
    const response = await first;
    await turns();
    expect(paths()).toEqual(['/1', '/2']);
    for await (const _ of response?.body ?? []) throw new Error('there are no bytes');
    await turns();
    expect(paths()).toEqual(['/1', '/2', '/3']);
  });

  it('has as much room for writes, and other hosts have their own', async () => {
    const { send, paths } = setUp({ maxConcurrency: 1 });
    void send('/read');
    void send('/write', 'PUT');
    void send('/other', 'GET', undefined, 's.example');
    void send('/waits');
    await turns();
    expect(paths()).toEqual(['/read', '/write', '/other']);
  });

  it('gives the place of one who has gone to the next', async () => {
    const { send, sent, paths } = setUp({ maxConcurrency: 1 });
    const abort = new AbortController();
    const first = send('/1');
    const second = send('/2', 'GET', abort.signal);
    void send('/3');
    await turns();
    abort.abort();
    await expect(second).rejects.toMatchObject({ code: Code.Canceled });
    sent[0]?.answer();
    await (await first).body[Symbol.asyncIterator]().return?.();
    await turns();
    expect(paths()).toEqual(['/1', '/3']);
  });
});

it('requests are begun no faster than the rate', async () => {
  const { send, pauses, elapsed, sent } = setUp({ requestsPerSecond: 10 });
  for (const path of ['/1', '/2', '/3']) {
    void send(path);
    await turns();
  }
  expect(sent).toHaveLength(3);
  expect(pauses).toEqual([100, 100]);
  expect(elapsed()).toBe(200);
});

describe('a host that said 429', () => {
  it('is left alone by everybody for as long as it asked', async () => {
    const { send, sent, pauses, elapsed } = setUp({});
    const refused = send('/1');
    await turns();
    sent[0]?.answer(429, { 'retry-after': '7' });
    await refused;
    void send('/2');
    await turns();
    expect(elapsed()).toBe(7000);
    void send('/3');
    void send('/4', 'GET', undefined, 's.example');
    await turns();
    expect(pauses).toEqual([7000]);
    expect(sent).toHaveLength(4);
  });

  it('is given longer each time that it says so without a time', async () => {
    const { send, sent, pauses } = setUp({});
    for (const [index, base] of [500, 1000, 2000].entries()) {
      const refused = send(`/${index}`);
      await turns();
      sent[index]?.answer(429);
      await refused;
      expect(pauses).toHaveLength(index);
      if (index > 0) expect(pauses[index - 1]).toBeGreaterThanOrEqual((base / 2) * 0.75);
    }
  });

  it('is not waited for an hour', async () => {
    const { send, sent, pauses } = setUp({});
    const refused = send('/1');
    await turns();
    sent[0]?.answer(429, { 'retry-after': '3600' });
    await refused;
    void send('/2');
    await turns();
    expect([sent.length, pauses]).toEqual([2, []]);
  });

  it('has its retries wait at least as long', async () => {
    const { limits, send, sent, pauses } = setUp({});
    const refused = send('/1');
    await turns();
    sent[0]?.answer(503, { 'retry-after': '2' });
    await refused;
    await limits.pause('r.example', 500);
    await limits.pause('r.example', 500);
    expect(pauses).toEqual([2000, 500]);
  });
});
