// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { type Descriptor, type Digest, descriptorOf } from '@lading/image-spec';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImageStore } from '../image-store.ts';

/** A store to be tested. What it leaves behind is thrown away with it. */
export type DisposableStore = ImageStore & Partial<AsyncDisposable>;

interface RecyclingSource extends AsyncIterable<Uint8Array> {
  recycle(chunk: Uint8Array): void;
}

/** The cases that every {@link ImageStore} is to pass. `make` is called for each case and gives an empty store. */
export function imageStoreConformance(
  name: string,
  make: () => DisposableStore | Promise<DisposableStore>,
): void {
  describe(`${name}, as a store`, () => {
    let opened: DisposableStore | undefined;
    afterEach(async () => {
      await opened?.[Symbol.asyncDispose]?.();
      opened = undefined;
    });
    const open = async (): Promise<ImageStore> => {
      opened = await make();
      return opened;
    };

    it.each([
      { sizeBytes: 0, chunkBytes: 1 },
      { sizeBytes: 600, chunkBytes: 1 },
      { sizeBytes: 2_500_000, chunkBytes: 7_001 },
      { sizeBytes: 3_145_728, chunkBytes: 1_048_576 },
    ])('has $sizeBytes bytes that came in pieces of $chunkBytes', async ({ sizeBytes, chunkBytes }) => {
      const store = await open();
      const { bytes, descriptor } = await content(sizeBytes);
      expect(await store.has(descriptor)).toBe(false);
      await store.write(descriptor, pieces(bytes, chunkBytes));
      expect(await store.has(descriptor)).toBe(true);
      expect(await store.has({ ...descriptor, size: sizeBytes + 1 })).toBe(false);
      expect((await collect(store.read(descriptor))).equals(bytes)).toBe(true);
    });

    it.each([1, 7_001, 300_000])(
      'has its own bytes where memory is used anew, in pieces of %i',
      async (chunkBytes) => {
        const store = await open();
        const { bytes, descriptor } = await content(chunkBytes * 7 + (chunkBytes >> 1));
        await store.write(descriptor, recycling(bytes, chunkBytes));
        expect((await collect(store.read(descriptor))).equals(bytes)).toBe(true);
      },
    );

    it('gives content from an offset on', async () => {
      const store = await open();
      const { bytes, descriptor } = await content(600_000);
      await store.write(descriptor, pieces(bytes, 7_001));
      for (const offset of [0, 1, 299_999, 599_999, 600_000]) {
        const got = await collect(store.read(descriptor, { offset }));
        expect(got.equals(bytes.subarray(offset))).toBe(true);
      }
    });

    it('has nothing of what broke off, and takes it the next time', async () => {
      const store = await open();
      const { bytes, descriptor } = await content(600_000);
      const broken = new Error('cut');
      await expect(store.write(descriptor, pieces(bytes, 7_001, broken))).rejects.toBe(broken);
      expect(await store.has(descriptor)).toBe(false);
      await expect(collect(store.read(descriptor))).rejects.toMatchObject({ reason: 'BLOB_UNKNOWN' });
      await store.write(descriptor, pieces(bytes, 7_001));
      expect((await collect(store.read(descriptor))).equals(bytes)).toBe(true);
    });

    it('keeps what it has when the same content breaks off, and when it comes again', async () => {
      const store = await open();
      const { bytes, descriptor } = await content(60_000);
      await store.write(descriptor, pieces(bytes, 7_001));
      await expect(store.write(descriptor, pieces(bytes, 7_001, new Error('cut')))).rejects.toThrow('cut');
      await store.write(descriptor, pieces(bytes, 999));
      expect((await collect(store.read(descriptor))).equals(bytes)).toBe(true);
    });

    it('takes contents side by side', async () => {
      const store = await open();
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => content(100_000 + i)));
      await Promise.all(all.map(({ bytes, descriptor }) => store.write(descriptor, recycling(bytes, 9_999))));
      for (const { bytes, descriptor } of all) {
        expect((await collect(store.read(descriptor))).equals(bytes)).toBe(true);
      }
    });

    it('says NotFound of what it does not have', async () => {
      const store = await open();
      const { descriptor } = await content(5);
      const error = { code: Code.NotFound };
      await expect(collect(store.read(descriptor))).rejects.toMatchObject({
        ...error,
        reason: 'BLOB_UNKNOWN',
      });
      for (const name of ['v1', descriptor.digest]) {
        await expect(store.resolve(name)).rejects.toMatchObject({ ...error, reason: 'MANIFEST_UNKNOWN' });
      }
    });

    it.each(['sha256:../../../etc/passwd', '../x:aa', `sha256:${'A'.repeat(64)}`])(
      'takes nothing under the digest %s',
      async (digest) => {
        const store = await open();
        const { bytes, descriptor } = await content(5);
        const hostile: Descriptor = { ...descriptor, digest: digest as Digest };
        await expect(store.write(hostile, pieces(bytes, 5))).rejects.toMatchObject({
          reason: 'DIGEST_INVALID',
        });
      },
    );

    it('gives a name to the last image that asked for it, and keeps the other', async () => {
      const store = await open();
      const [first, second] = [await stored(store, 1), await stored(store, 2)];
      await store.tag(first, 'v1');
      await store.tag(first, 'latest');
      await store.tag(second, 'v1');
      expect((await store.resolve('v1')).digest).toBe(second.digest);
      expect((await store.resolve('latest')).digest).toBe(first.digest);
      await store.tag(second, 'latest');
      expect(await store.resolve(first.digest)).toMatchObject(first);
    });

    it('keeps an image without a name', async () => {
      const store = await open();
      const descriptor = await stored(store, 1);
      await store.tag(descriptor);
      expect(await store.resolve(descriptor.digest)).toMatchObject(descriptor);
    });

    it('keeps all names that are set at once', async () => {
      const store = await open();
      const descriptor = await stored(store, 1);
      const names = Array.from({ length: 20 }, (_, i) => `v${i}`);
      await Promise.all(names.map((one) => store.tag(descriptor, one)));
      for (const one of names) expect((await store.resolve(one)).digest).toBe(descriptor.digest);
    });
  });
}

/** Content that a name may be given to: it is there. */
async function stored(store: ImageStore, sizeBytes: number): Promise<Descriptor> {
  const { bytes, descriptor } = await content(sizeBytes);
  await store.write(descriptor, pieces(bytes, sizeBytes));
  return descriptor;
}

async function content(sizeBytes: number): Promise<{ bytes: Uint8Array; descriptor: Descriptor }> {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + sizeBytes) % 251);
  return { bytes, descriptor: await descriptorOf('application/octet-stream', bytes) };
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}

async function* pieces(bytes: Uint8Array, chunkBytes: number, end?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  if (end !== undefined) throw end;
}

/** Spoils a chunk as soon as it comes back, and uses its memory for the next. */
function recycling(bytes: Uint8Array, chunkBytes: number): RecyclingSource {
  const given = new Set<Uint8Array>();
  const free: ArrayBufferLike[] = [];
  return {
    recycle(chunk) {
      if (!given.delete(chunk)) throw new Error('a chunk was recycled twice, or was never given');
      chunk.fill(0xff);
      free.push(chunk.buffer);
    },
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const piece = bytes.subarray(at, at + chunkBytes);
        const chunk = new Uint8Array(free.pop() ?? new ArrayBuffer(chunkBytes), 0, piece.length);
        chunk.set(piece);
        given.add(chunk);
        yield chunk;
      }
    },
  };
}
