// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { compressLayer } from '../compress-layer.ts';
import { packEntries } from '../pack-entries.ts';

/** A tar with one file, whose header is a GNU header with a change time in base 256. */
async function withChangeTime(time: Buffer): Promise<Buffer> {
  const file = { path: 'file', type: 'file', content: Buffer.from('text') } as const;
  const tar = Buffer.concat((await Array.fromAsync(packEntries([file]))).map((chunk) => Buffer.from(chunk)));
  tar.write('ustar  \0', 257, 'latin1');
  tar.fill(0, 345, 512);
  time.copy(tar, 357);
  tar.fill(' ', 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return tar;
}

it.each([
  ['further away than a date can be', Buffer.from('800000000010000000000000', 'hex')],
  ['before 1970', Buffer.from('ffffffffffffffffffffffff', 'hex')],
])('a change time that is %s does not keep a layer from being made', async (_name, time) => {
  const tar = await withChangeTime(time);
  const { chunks, result } = compressLayer(
    (async function* () {
      yield tar;
    })(),
    { compression: 'zstd:chunked' },
  );
  for await (const _ of chunks);
  expect(result().diffSize).toBe(tar.length);
});
