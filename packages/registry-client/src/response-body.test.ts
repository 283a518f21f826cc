// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from 'undici';
import { expect, it } from 'vitest';
import { createResponseBody } from './response-body.ts';

function start() {
  const calls: string[] = [];
  const released: ArrayBufferLike[] = [];
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => void calls.push('abort'),
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
  };
  const body = createResponseBody(controller, (memory) => void released.push(memory));
  return { body, iterator: body[Symbol.asyncIterator](), calls, released };
}

const read = async (iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> => {
  const { value } = await iterator.next();
  return value;
};

it('releases memory when all chunks in it were given back and other memory has come', async () => {
  const { body, iterator, released } = start();
  const first = new Uint8Array(8);
  body.push(first.subarray(0, 4));
  const a = await read(iterator);
  body.recycle(a);
  // The parser may still cut a chunk out of the same memory.
  expect(released).toEqual([]);
  body.push(first.subarray(4));
  const b = await read(iterator);
  const second = new Uint8Array(8);
  body.push(second);
  await read(iterator);
  expect(released).toEqual([]);
  body.recycle(b);
  expect(released).toEqual([first.buffer]);
});

it('does not release memory of which a chunk is waiting to be read, also when the body has ended', async () => {
  const { body, iterator, released } = start();
  const memory = new Uint8Array(8);
  body.push(memory.subarray(0, 4));
  const a = await read(iterator);
  body.push(memory.subarray(4));
  body.end();
  body.recycle(a);
  expect(released).toEqual([]);
  body.recycle(await read(iterator));
  expect(released).toEqual([memory.buffer]);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

it('releases nothing twice, and nothing that is not its own', async () => {
  const { body, iterator, released } = start();
  const memory = new Uint8Array(8);
  body.push(memory);
  const chunk = await read(iterator);
  body.end();
  body.recycle(chunk);
  body.recycle(chunk);
  body.recycle(new Uint8Array(8));
  expect(released).toEqual([memory.buffer]);
});

it('ignores empty pieces, which would keep a reader busy for ever', async () => {
  const { body, iterator, calls } = start();
  body.push(new Uint8Array());
  expect(calls).toEqual([]);
  const next = read(iterator);
  expect(calls).toEqual(['resume']);
  body.push(new Uint8Array());
  body.push(Uint8Array.of(1));
  expect(await next).toEqual(Uint8Array.of(1));
  expect(calls).toEqual(['resume', 'pause']);
});

it('ends the exchange when the reader leaves, also before the first read, and not after the end', async () => {
  const unread = start();
  await unread.iterator.return?.();
  expect(unread.calls).toEqual(['abort']);
  const whole = start();
  whole.body.end();
  await whole.iterator.next();
  await whole.iterator.return?.();
  expect(whole.calls).toEqual([]);
});

it('fails with what broke it, after the chunks before that', async () => {
  const { body, iterator } = start();
  body.push(Uint8Array.of(1));
  body.end(new Error('broken'));
  expect(await read(iterator)).toEqual(Uint8Array.of(1));
  await expect(iterator.next()).rejects.toThrow('broken');
});
