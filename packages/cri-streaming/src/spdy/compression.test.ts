// SPDX-License-Identifier: Apache-2.0
import { constants, createDeflate, deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createHeaderDeflater, createHeaderInflater } from './compression.ts';
import { dictionary } from './dictionary.ts';

it('reads one block after the other of what a compressor that goes on has made', async () => {
  const compressor = createDeflate({ dictionary });
  const blocks: Buffer[] = [];
  compressor.on('data', (part: Buffer) => blocks.push(part));
  using inflater = createHeaderInflater();
  for (const text of ['streamtype error', 'streamtype data', 'x'.repeat(60_000)]) {
    blocks.length = 0;
    compressor.write(text);
    await new Promise<void>((resolve) => compressor.flush(constants.Z_SYNC_FLUSH, resolve));
    expect((await inflater.inflate(Buffer.concat(blocks))).toString()).toBe(text);
  }
});

it('reads what its counterpart has stored', async () => {
  const deflate = createHeaderDeflater();
  using inflater = createHeaderInflater();
  for (const text of ['', 'one', 'y'.repeat(60_000)])
    expect((await inflater.inflate(deflate(Buffer.from(text)))).toString()).toBe(text);
});

it.each([
  ['a bomb', deflateSync(Buffer.alloc(16 << 20), { dictionary })],
  ['another dictionary', deflateSync('text', { dictionary: Buffer.from('text') })],
  ['no zlib', Buffer.from('hello')],
])('refuses %s', async (_what, block) => {
  using inflater = createHeaderInflater();
  await expect(inflater.inflate(block)).rejects.toThrow('cannot be inflated');
});

it('reads nothing behind the end of the stream', async () => {
  using inflater = createHeaderInflater();
  const last = deflateSync('text', { dictionary });
  expect((await inflater.inflate(last)).toString()).toBe('text');
  expect((await inflater.inflate(last)).toString()).toBe('');
});
