// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withTimeLimits } from './time-limits.ts';
import type { TransportRequest } from './transport.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function* once(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3);
}
const request: TransportRequest = {
  method: 'PUT',
  url: new URL('http://127.0.0.1/'),
  headers: { 'content-length': '3' },
  tlsVerify: false,
};

describe('the time that a server has for its answer', () => {
  it('is over with the answer, also when the body is read to its end after that', async () => {
    let end: Promise<unknown> | undefined;
    const { send } = withTimeLimits(
      {
        buffersBodies: false,
        async send({ body }) {
          if (body === undefined || body instanceof Uint8Array) throw new Error('no stream');
          const chunks = body[Symbol.asyncIterator]();
          await chunks.next();
          // All bytes are sent; that there are no more is seen later than the answer.
          end = Promise.resolve().then(() => chunks.next());
          return { status: 201, headers: new Headers(), body: (async function* () {})() };
        },
        async close() {},
      },
      {},
    );
    await send({ ...request, body: once() });
    await end;
    expect(vi.getTimerCount()).toBe(0);
  });
});
