// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createBufferPool } from './buffer-pool.ts';

it('lends a buffer again that it was given back, once', () => {
  const pool = createBufferPool(1024);
  const buffer = pool.take();
  expect(pool.give(buffer.subarray(3, 5))).toBe(true);
  expect(pool.give(buffer)).toBe(false);
  expect(pool.take()).toBe(buffer);
  expect(pool.give(Buffer.alloc(1024))).toBe(false);
});

it('holds nothing that a reader has let go of without giving it back', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const pool = createBufferPool(1024);
  let dropped: WeakRef<Buffer> | undefined;
  (() => {
    dropped = new WeakRef(pool.take());
  })();
  await expect
    .poll(() => {
      collect();
      return dropped?.deref() === undefined;
    })
    .toBe(true);
  expect(pool.take()).toHaveLength(1024);
});
