// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { Code } from '@lading/errors';
import type { Descriptor } from '@lading/image-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compressLayer, type LayerEntry, packEntries } from '../index.ts';
import { assembleChunked } from './assemble-chunked.ts';
import { fileContent } from './file-content.ts';
import { openTable } from './open-table.ts';
import type { ChunkedFile } from './parse-table.ts';
import { digestOf, makeTrailer } from './trailer.ts';

const prefix = 'io.github.containers.zstd-chunked.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-chunked-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Blob {
  readonly bytes: Buffer;
  readonly layer: Descriptor;
}

const noise = randomBytes(300_000);
const entries: readonly LayerEntry[] = [
  { type: 'file', path: 'a', content: 'first' },
  { type: 'file', path: 'noise', content: noise },
  { type: 'file', path: 'z', content: Buffer.alloc(100_000, 'last') },
];

async function made(list: readonly LayerEntry[] = entries): Promise<Blob & { tar: Buffer }> {
  const tar = Buffer.concat(await Array.fromAsync(packEntries(list)));
  const { chunks, result } = compressLayer(packEntries(list), { compression: 'zstd:chunked' });
  const bytes = Buffer.concat(await Array.fromAsync(chunks));
  return { bytes, layer: result().descriptor, tar };
}

/** Reads parts of a blob, and notes how much. */
function reader({ bytes }: Blob) {
  const parts: number[] = [];
  async function* read(start: number, end: number): AsyncGenerator<Uint8Array> {
    parts.push(end - start);
    for (let at = start; at < end; at += 7001) yield bytes.subarray(at, Math.min(at + 7001, end));
  }
  return { read, parts };
}

async function opened(blob: Blob) {
  const { read } = reader(blob);
  const table = await openTable(blob.layer, read);
  if (table === undefined) throw new Error('it has no table');
  return table;
}

/** A blob of two frames, with whatever table and tar-split data. */
function forged(table: unknown, { split = '', tableText = JSON.stringify(table) } = {}): Blob {
  const data = Buffer.concat([zstdCompressSync('one'), zstdCompressSync('two')]);
  const compressed = zstdCompressSync(split);
  const text = tableText.replace('SPLIT', digestOf(compressed));
  const { bytes, annotations } = makeTrailer(
    data.length,
    { compressed: zstdCompressSync(text), uncompressedBytes: Buffer.byteLength(text) },
    { compressed, uncompressedBytes: split.length },
  );
  const all = Buffer.concat([data, bytes]);
  const layer: Descriptor = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    digest: digestOf(all),
    size: all.length,
    annotations,
  };
  return { bytes: all, layer };
}

const ends = [
  zstdCompressSync('one').length,
  zstdCompressSync('one').length + zstdCompressSync('two').length,
];
const one = {
  type: 'reg',
  name: 'one',
  size: 3,
  digest: digestOf(Buffer.from('one')),
  offset: 0,
  endOffset: ends[0],
};
const two = {
  type: 'reg',
  name: 'two',
  size: 3,
  digest: digestOf(Buffer.from('two')),
  offset: ends[0],
  endOffset: ends[1],
};
const tableOf = (...lines: readonly object[]) => ({ version: 1, entries: lines, tarSplitDigest: 'SPLIT' });

describe('a layer of which parts are fetched', () => {
  it('is the archive, whichever of its files are there', async () => {
    const blob = await made();
    await writeFile(join(folder, 'noise'), noise);
    await writeFile(join(folder, 'z'), 'last'); // of another size
    const { read, parts } = reader(blob);
    const layer = await opened(blob);
    const archive = await assembleChunked(layer, { read, folders: ['/nowhere', folder] });
    expect(Buffer.concat(await Array.fromAsync(archive ?? [])).equals(blob.tar)).toBe(true);
    expect(parts.length).toBe(2);
    expect(parts.reduce((sum, bytes) => sum + bytes)).toBeLessThan(2000);
  });

  it('is not taken apart where nothing is there, or where it has no tar-split data', async () => {
    const blob = await made();
    const { read, parts } = reader(blob);
    const layer = await opened(blob);
    expect(await assembleChunked(layer, { read, folders: [folder] })).toBeUndefined();
    await writeFile(join(folder, 'noise'), noise);
    expect(
      await assembleChunked({ ...layer, tarSplit: undefined }, { read, folders: [folder] }),
    ).toBeUndefined();
    expect(parts).toEqual([]);
  });

  it('takes no file from where a link leads out of a folder', async () => {
    await mkdir(join(folder, 'outside'));
    await mkdir(join(folder, 'layer'));
    await writeFile(join(folder, 'outside/secret'), noise);
    await symlink(join(folder, 'outside'), join(folder, 'layer/usr'));
    const blob = await made([{ type: 'file', path: 'usr/secret', content: noise }]);
    const { read } = reader(blob);
    expect(
      await assembleChunked(await opened(blob), { read, folders: [join(folder, 'layer')] }),
    ).toBeUndefined();
  });

  it('has no table where its annotations say of none', async () => {
    const { layer, ...blob } = await made();
    expect(await openTable({ ...layer, annotations: {} }, reader({ layer, ...blob }).read)).toBeUndefined();
  });
});

describe('a hostile table of contents', () => {
  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['a checksum of another kind', 'no digest', { 'manifest-checksum': 'md5:0' }],
    ['another checksum', 'its digest is', { 'manifest-checksum': `sha256:${'0'.repeat(64)}` }],
    ['a place after the blob', 'not in the blob', { 'manifest-position': '100:999999:10:1' }],
    ['a place that is none', 'not in the blob', { 'manifest-position': '-1:2:3:1' }],
    ['a size that is none', 'not in the blob', { 'manifest-position': '10:9999999999999999:10:1' }],
    ['another type', 'not known', { 'manifest-position': '10:10:10:2' }],
    ['a huge table', 'too large', { 'manifest-position': '10:10:99999999999:1' }],
    ['parts that overlap', 'overlap', { 'tarsplit-position': '0:10:10' }],
  ])('is refused for %s', async (_what, message, changed) => {
    const { layer, bytes } = forged(tableOf(one, two));
    const annotations = {
      ...layer.annotations,
      ...Object.fromEntries(Object.entries(changed).map(([name, value]) => [prefix + name, value])),
    };
    await expect(opened({ bytes, layer: { ...layer, annotations } })).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'CHUNKED_TABLE',
      message: expect.stringContaining(message),
    });
  });

  it.each<[string, string, readonly object[]]>([
    ['a name that climbs out', 'leads out', [{ ...one, name: '../../etc/passwd' }]],
    ['a folder that climbs out', 'leads out', [{ type: 'dir', name: 'a/../../b' }]],
    ['a name that stands twice', 'stands twice', [one, { ...two, name: 'one' }]],
    ['frames that overlap', 'overlaps', [one, { ...two, offset: 1 }]],
    ['frames in the table itself', 'overlaps', [{ ...one, endOffset: 200 }]],
    ['frames that are none', 'overlaps', [{ ...one, offset: 5, endOffset: 5 }]],
    ['a size that is none', 'a size or a place', [{ ...one, size: -1 }]],
    ['a size that is text', 'a size or a place', [{ ...one, size: '3' }]],
    ['a size beyond the numbers', 'a size or a place', [{ ...one, size: 2 ** 60 }]],
    ['a place that is none', 'a size or a place', [{ ...one, offset: 0.5 }]],
    ['sizes that no blob has', 'more than', [{ ...one, size: 2 ** 31 }]],
    ['no digest', 'no digest', [{ ...one, digest: undefined }]],
    ['a weak digest', 'no digest', [{ ...one, digest: 'md5:abc' }]],
    ['no name', 'no name', [{ ...one, name: undefined }]],
  ])('is refused for %s', async (_what, message, lines) => {
    await expect(opened(forged(tableOf(...lines)))).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'CHUNKED_TABLE',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['an entry that is null', '{"version":1,"entries":[null]}'],
    ['no entries', '{"version":1,"tarSplitDigest":"SPLIT"}'],
    ['another version', '{"version":2,"entries":[],"tarSplitDigest":"SPLIT"}'],
    ['tar-split data that it does not know', '{"version":1,"entries":[]}'],
  ])('is refused for %s', async (_what, tableText) => {
    await expect(opened(forged(undefined, { tableText }))).rejects.toMatchObject({
      reason: 'CHUNKED_TABLE',
    });
  });

  it('is refused for a bomb', async () => {
    const blob = forged(tableOf(one, two), { tableText: ' '.repeat(50_000_000) });
    const position = blob.layer.annotations?.[`${prefix}manifest-position`] ?? '';
    const annotations = {
      ...blob.layer.annotations,
      [`${prefix}manifest-position`]: position.replace('50000000', '1000'),
    };
    await expect(opened({ ...blob, layer: { ...blob.layer, annotations } })).rejects.toMatchObject({
      message: expect.stringContaining('does not decompress to the size'),
    });
  });
});

describe('hostile frames', () => {
  const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => bomb));
  it.each<[string, string, Partial<ChunkedFile>, Uint8Array]>([
    ['a bomb', 'does not give them', {}, bomb],
    ['another content', 'another digest', {}, zstdCompressSync('two')],
    ['less', 'another digest', {}, zstdCompressSync('o')],
    ['no frame', 'does not give them', {}, Buffer.from('garbage')],
    ['a bomb in parts', 'hold more', { isOneFrame: false }, many],
    ['another content in parts', 'another digest', { isOneFrame: false }, zstdCompressSync('two')],
    ['less in parts', 'hold less', { isOneFrame: false }, zstdCompressSync('o')],
  ])('are refused for %s', async (_what, message, changed, frames) => {
    const file = {
      name: 'one',
      size: 3,
      digest: digestOf(Buffer.from('one')),
      start: 0,
      end: 1,
      isOneFrame: true,
      ...changed,
    };
    const content = fileContent(file, Readable.from([frames]));
    await expect(Array.fromAsync(content)).rejects.toMatchObject({
      reason: 'CHUNKED_TABLE',
      message: expect.stringContaining(message),
    });
  });
});

describe('hostile tar-split data', () => {
  const named = (name: string) => JSON.stringify({ type: 1, name, size: 3, payload: 'AAAAAAAAAAA=' });

  it.each([
    ['a file that the table lacks', 'missing in it', named('three')],
    ['a file that climbs out', 'missing in it', named('../one')],
    ['a checksum that is wrong', 'was changed', named('one')],
    ['a line that is no JSON', 'none of its lines', '{'],
    ['a payload that is an object', 'none of its lines', '{"type":2,"payload":{"length":4000000000}}'],
    ['a size that is none', 'none of its lines', '{"type":1,"name":"one","size":-3,"payload":null}'],
    ['a line that is null', 'none of its lines', 'null'],
  ])('is refused for %s', async (_what, message, split) => {
    await writeFile(join(folder, 'one'), 'one');
    const blob = forged(tableOf(one), { split });
    const archive = await assembleChunked(await opened(blob), { read: reader(blob).read, folders: [folder] });
    await expect(Array.fromAsync(archive ?? [])).rejects.toMatchObject({
      code: Code.DataLoss,
      message: expect.stringContaining(message),
    });
  });

  it('is refused for more than it says', async () => {
    const blob = forged(tableOf(), { split: '\n'.repeat(50_000_000) });
    const { tarSplit, ...layer } = await opened(blob);
    if (tarSplit === undefined) throw new Error('it has no tar-split data');
    const less = { ...layer, tarSplit: { ...tarSplit, uncompressedBytes: 1000 } };
    const archive = await assembleChunked(less, { read: reader(blob).read, folders: [] });
    await expect(Array.fromAsync(archive ?? [])).rejects.toMatchObject({
      message: expect.stringContaining('more than 1000 bytes'),
    });
  });
});
