// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CompressOptions, compressLayer, type LayerResult } from '../src/index.ts';
import { bytesOf } from './tar-names.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `line ${i * 7919}\n`).join(''));

async function* inPieces(pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

async function compressed(pieceBytes: number, options: CompressOptions): Promise<[Buffer, LayerResult]> {
  const layer = compressLayer(inPieces(pieceBytes), options);
  const bytes = await bytesOf(layer.chunks);
  return [bytes, layer.result()];
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

describe('compressLayer', () => {
  it.each([
    ['none', 'cat', 'tar'],
    ['gzip', 'gzip -dc', 'tar+gzip'],
    ['zstd', 'zstd -dc', 'tar+zstd'],
  ] as const)('makes %s that %s unpacks, and the descriptor of it', async (compression, command, suffix) => {
    const [bytes, result] = await compressed(1 << 16, { compression });
    const [program = '', ...args] = command.split(' ');
    expect(execFileSync(program, args, { input: bytes, maxBuffer: 1 << 30 }).equals(content)).toBe(true);
    expect(result).toEqual({
      descriptor: {
        mediaType: `application/vnd.oci.image.layer.v1.${suffix}`,
        digest: digestOf(bytes),
        size: bytes.length,
      },
      diffId: digestOf(content),
      diffSize: content.length,
    });
  });

  it.each(['gzip', 'zstd'] as const)(
    'makes the same bytes of chunks of any size (%s)',
    async (compression) => {
      const [, first] = await compressed(1 << 20, { compression });
      const [, second] = await compressed(12_345, { compression, concurrency: 1 });
      expect(second).toEqual(first);
    },
  );

  it.each(['gzip', 'zstd'] as const)(
    'makes other bytes of the same tar at another level (%s)',
    async (compression) => {
      const [, low] = await compressed(1 << 20, { compression, level: 1 });
      const [, high] = await compressed(1 << 20, { compression, level: 9 });
      expect(high.descriptor.size).not.toBe(low.descriptor.size);
      expect(high.diffId).toBe(low.diffId);
    },
  );

  it.each([
    { compression: 'gzip', level: 0 },
    { compression: 'gzip', level: 10 },
    { compression: 'gzip', level: 1.5 },
    { compression: 'zstd', level: 23 },
    { compression: 'none', level: 1 },
    { concurrency: 0 },
  ] as const)('refuses the options %j', (options) => {
    expect(() => compressLayer(inPieces(1), options)).toThrowError(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('knows nothing before the end', async () => {
    const layer = compressLayer(inPieces(1 << 20));
    expect(() => layer.result()).toThrowError(expect.objectContaining({ code: 'failed_precondition' }));
    await layer.chunks.next();
    expect(() => layer.result()).toThrowError(expect.objectContaining({ code: 'failed_precondition' }));
    await bytesOf(layer.chunks);
    expect(layer.result().diffId).toBe(digestOf(content));
  });

  it.each(['none', 'gzip', 'zstd'] as const)(
    'ends when it is told to, while the tar gives nothing (%s)',
    async (compression) => {
      const stop = new AbortController();
      const silent: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next() {
            queueMicrotask(() => stop.abort());
            return new Promise(() => undefined);
          },
        }),
      };
      const { chunks } = compressLayer(silent, { compression, signal: stop.signal });
      await expect(bytesOf(chunks)).rejects.toMatchObject({ code: 'canceled' });
    },
  );
});
