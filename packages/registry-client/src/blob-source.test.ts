// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { digestBytes } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { type BlobSource, createSourceReader } from './blob-source.ts';

const bytes = new Uint8Array(randomBytes(1000));
const target = { digest: await digestBytes(bytes), size: bytes.length };

async function* chunks(from = 0): AsyncGenerator<Uint8Array> {
  for (let at = from; at < bytes.length; at += 70) yield bytes.subarray(at, at + 70);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source) parts.push(chunk);
  return Buffer.concat(parts);
}

function opened(kind: 'function' | 'seekable'): { source: BlobSource; offsets: number[] } {
  const offsets: number[] = [];
  const open = (offset: number) => {
    offsets.push(offset);
    return chunks(offset);
  };
  return { offsets, source: kind === 'function' ? () => open(0) : { openAt: open } };
}

describe.each(['function', 'seekable'] as const)('a source that is a %s', (kind) => {
  it('is opened once for parts in order', async () => {
    const { source, offsets } = opened(kind);
    const reader = createSourceReader(source, target);
    const parts = [];
    for (let at = 0; at < 1000; at += 300)
      parts.push(await collect(reader.read(at, Math.min(at + 300, 1000))));
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(offsets).toEqual([0]);
  });

  it('gives an earlier part again, and one further on', async () => {
    const { source, offsets } = opened(kind);
    const reader = createSourceReader(source, target);
    for (const [start, end] of [
      [0, 500],
      [250, 600],
      [900, 1000],
    ] as const) {
      expect((await collect(reader.read(start, end))).equals(bytes.subarray(start, end))).toBe(true);
    }
    expect(offsets).toEqual(kind === 'function' ? [0, 0, 0] : [0, 250, 900]);
  });

  it('goes on after a read that was left in the middle', async () => {
    const { source } = opened(kind);
    const reader = createSourceReader(source, target);
    for await (const chunk of reader.read(0, 1000)) {
      expect(chunk.length).toBe(70);
      break;
    }
    expect((await collect(reader.read(35, 1000))).equals(bytes.subarray(35))).toBe(true);
  });
});

it('is not used again while a read that was left still waits for it', async () => {
  let opens = 0;
  const release = Promise.withResolvers<void>();
  const reader = createSourceReader(async function* () {
    opens += 1;
    if (opens === 1) await release.promise;
    yield* chunks();
  }, target);
  const left = reader.read(0, 1000);
  const first = left.next();
  const second = collect(reader.read(0, 1000));
  expect((await second).equals(bytes)).toBe(true);
  release.resolve();
  await first;
  await left.return(undefined);
  expect(opens).toBe(2);
});

it.each([
  { name: 'more', size: 999 },
  { name: 'less', size: 1001 },
])('has $name bytes than announced', async ({ name, size }) => {
  const reader = createSourceReader(() => chunks(), { ...target, size });
  await expect(collect(reader.read(0, size))).rejects.toThrow(`has ${name} than the ${size} bytes announced`);
});

it('is let go of when the reader is closed', async () => {
  let released = false;
  const reader = createSourceReader(async function* () {
    try {
      yield* chunks();
    } finally {
      released = true;
    }
  }, target);
  await collect(reader.read(0, 100));
  reader.close();
  await expect.poll(() => released).toBe(true);
});
