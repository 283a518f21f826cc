// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer } from '../src/index.ts';
import { type HostilePlace, makeHostilePlace } from './hostile-place.ts';
import { entry, folder, oldSparse, pax, symlink, tar } from './tar-builder.ts';

let place: HostilePlace;
beforeEach(() => {
  place = makeHostilePlace('chroot');
});
afterEach(() => {
  using _ended = place;
  place.expectNothingTouched();
});
const limit = (message: RegExp): object => ({
  code: 'resource_exhausted',
  reason: 'LAYER_LIMIT',
  message: expect.stringMatching(message),
});

const zeros = (sizeBytes: number): Buffer => tar(entry({ name: 'zeros', content: Buffer.alloc(sizeBytes) }));

describe('a bomb', () => {
  it('of a hundred to one in gzip is a layer like others', async () => {
    const archive = tar(entry({ name: 'text', content: 'all work and no play '.repeat(2_000_000) }));
    const packed = gzipSync(archive);
    expect(archive.length / packed.length).toBeGreaterThan(100);
    expect(await place.apply(packed)).toMatchObject({ diffSize: archive.length });
  });

  it('of zeros, as good as gzip can, is a layer like others however large', async () => {
    const packed = gzipSync(zeros(64 << 20), { level: 9 });
    expect(await place.apply(packed, { limits: { ratioFromBytes: 0 } })).toMatchObject({
      compression: 'gzip',
    });
  });

  it.each([
    ['zstd', zstdCompressSync(zeros(64 << 20))],
    ['bzip2', execFileSync('bzip2', ['-c'], { input: zeros(64 << 20) })],
    ['xz', execFileSync('xz', ['-9', '-c'], { input: zeros(64 << 20) })],
    [
      'gzip with a sparse file',
      gzipSync(tar(oldSparse({ name: 'zeros', realSize: 2 ** 32, map: [0, 1], content: 'x' }))),
    ],
  ])('of thousands to one in %s is refused behind the first bytes, which are free', async (_name, packed) => {
    await expect(place.apply(packed, { limits: { ratioFromBytes: 16 << 20 } })).rejects.toMatchObject(
      limit(/"zeros" the layer unpacks to \d+ bytes from \d+, more than 1100 to one/),
    );
    rmSync(join(place.root, 'zeros'), { force: true });
  });

  it('of a hundred thousand to one is refused with the limits as they are', async () => {
    const archive = tar(
      ...Array.from({ length: 9 }, (_, i) =>
        oldSparse({ name: `s${i}`, realSize: 2 ** 28, map: [0, 1], content: 'x' }),
      ),
    );
    const packed = gzipSync(archive);
    expect((9 * 2 ** 28) / packed.length).toBeGreaterThan(100_000);
    await expect(place.apply(packed)).rejects.toMatchObject(limit(/"s3"/));
  });

  it('within a bomb is not unpacked: a layer is unpacked once', async () => {
    const inner = gzipSync(gzipSync(zeros(1 << 20)));
    await place.apply(gzipSync(tar(entry({ name: 'inner.gz', content: inner }))));
    expect(readdirSync(place.root)).toEqual(['inner.gz']);
    await expect(place.apply(gzipSync(inner))).rejects.toMatchObject({ name: 'LadingError' });
  });

  it.each([
    [
      'of many records in one header',
      tar(entry({ name: 'p', type: 'x', content: '13 k=xxxxxxx\n'.repeat(90_000) }), entry({ name: 'f' })),
      /"p" has \d+ bytes/,
    ],
    [
      'of attributes that are together too long',
      tar(
        pax(
          Object.fromEntries(
            Array.from({ length: 200 }, (_, i) => [`SCHILY.xattr.user.${i}`, 'x'.repeat(6000)]),
          ),
        ),
        entry({ name: 'f' }),
      ),
      /bytes/,
    ],
    [
      'of one attribute',
      tar(pax({ 'LIBARCHIVE.xattr.user.a': Buffer.alloc(70_000).toString('base64') }), entry({ name: 'f' })),
      /"f" has 70000 bytes/,
    ],
    ['of a name of GNU', tar(entry({ name: 'L', type: 'L', size: 2 ** 31 })), /"L"/],
    [
      'of a link of GNU',
      tar(entry({ name: 'K', type: 'K', content: 'k'.repeat(5000) }), symlink('f', 'x')),
      /5000/,
    ],
  ])('%s meets a limit', async (_name, archive, message) => {
    await expect(place.apply(archive)).rejects.toMatchObject(limit(message));
  });

  it.each([
    ['entries', { entries: 2 }, tar(folder('a'), folder('b'), folder('third')), /"third"/],
    ['paths', { pathBytes: 10 }, tar(entry({ name: 'a-long-name' })), /"a-long-name"/],
    [
      'attributes',
      { xattrBytes: 3 },
      tar(pax({ 'SCHILY.xattr.user.a': 'four' }), entry({ name: 'f' })),
      /"f"/,
    ],
    [
      'records',
      { paxBytes: 100 },
      tar(pax({ comment: 'x'.repeat(200) }), entry({ name: 'f' })),
      /PaxHeaders/,
    ],
    [
      'bytes',
      { totalBytes: 700_000 },
      tar(entry({ name: 'large', content: Buffer.alloc(2 << 20) })),
      /"large".*700000/,
    ],
    [
      'holes',
      { totalBytes: 1 << 20 },
      tar(oldSparse({ name: 'holes', realSize: 2 << 20, map: [], content: '' })),
      /"holes"/,
    ],
    ['ratio', { ratio: 5, ratioFromBytes: 0 }, gzipSync(zeros(2 << 20)), /5 to one/],
  ])('meets a limit on %s that was given', async (_name, limits, archive, message) => {
    await expect(place.apply(archive, { limits })).rejects.toMatchObject(limit(message));
  });
});

/** Empty files, a thousand headers at a time. @param name eight characters follow it, a number */
async function* emptyFiles(name: string, count: number): AsyncGenerator<Uint8Array> {
  const template = entry({ name: `${name}00000000` });
  const templateSum = Number.parseInt(template.toString('latin1', 148, 154), 8);
  for (let from = 0; from < count; from += 1000) {
    const chunk = Buffer.alloc(512 * 1000);
    for (let i = 0; i < 1000; i++) {
      template.copy(chunk, 512 * i);
      const digits = String(from + i).padStart(8, '0');
      chunk.write(digits, 512 * i + name.length, 'latin1');
      const sum = templateSum + [...digits].reduce((total, digit) => total + Number(digit), 0);
      chunk.write(sum.toString(8).padStart(6, '0'), 512 * i + 148, 'latin1');
    }
    yield chunk;
  }
}

describe('a flood of empty files', () => {
  it('is unpacked in bounded memory, until the limit on entries', async () => {
    const before = process.memoryUsage().rss;
    await expect(
      applyLayer(emptyFiles('f', 200_000), place.root, { limits: { entries: 50_000 } }),
    ).rejects.toMatchObject(limit(/"f00050000" is one more than the 50000 entries/));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    expect(readdirSync(place.root)).toHaveLength(50_000);
  }, 120_000);

  it('of a million, all leftovers of AUFS that are not made, costs no more than their names', async () => {
    const before = process.memoryUsage().rss;
    const tarSplitFile = join(place.root, 'split.gz');
    const applied = await applyLayer(emptyFiles('.wh..wh.', 1_000_000), place.root, { tarSplitFile });
    expect(applied.diffSize).toBe(512_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
    expect(readdirSync(place.root)).toEqual(['split.gz']);
  }, 120_000);
});
