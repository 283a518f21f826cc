// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { compressLayer, decompress, type LayerEntry, packEntries } from '../index.ts';

/** The same bytes each time, which no compressor makes smaller. */
const noiseOf = (sizeBytes: number): Buffer =>
  createCipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Line {
  readonly type: string;
  readonly name: string;
  readonly size?: number;
  readonly digest?: string;
  readonly offset?: number;
  readonly endOffset?: number;
  readonly chunkSize?: number;
  readonly chunkOffset?: number;
  readonly chunkDigest?: string;
  readonly chunkType?: string;
}

async function chunked(tar: AsyncIterable<Uint8Array>, concurrency?: number) {
  const { chunks, result } = compressLayer(tar, { compression: 'zstd:chunked', concurrency });
  const blob = Buffer.concat(await Array.fromAsync(chunks));
  const { descriptor, diffId } = result();
  const { annotations = {} } = descriptor;
  const said = (name: string): string => annotations[`io.github.containers.zstd-chunked.${name}`] ?? '';
  const [tableAt = 0, tableBytes = 0, tableSize = 0] = said('manifest-position').split(':').map(Number);
  const [splitAt = 0, splitBytes = 0, splitSize = 0] = said('tarsplit-position').split(':').map(Number);
  const compressedTable = blob.subarray(tableAt, tableAt + tableBytes);
  const compressedSplit = blob.subarray(splitAt, splitAt + splitBytes);
  expect(said('manifest-checksum')).toBe(sha256(compressedTable));
  const tableText = zstdDecompressSync(compressedTable);
  const split = await unpacked(compressedSplit);
  expect([tableText.length, split.length]).toEqual([tableSize, splitSize]);
  const table: { version: number; entries: Line[]; tarSplitDigest: string } = JSON.parse(
    tableText.toString(),
  );
  expect(table).toMatchObject({ version: 1, tarSplitDigest: sha256(compressedSplit) });
  return { blob, descriptor, diffId, entries: table.entries, split: split.toString() };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function unpacked(bytes: Uint8Array): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(decompress(once(bytes)).chunks));
}

const file = (path: string, content: Uint8Array): LayerEntry => ({ type: 'file', path, content });

/** Checks each line of the table against the frames it points to. Gives the content by name. */
async function contentsOf(blob: Buffer, entries: readonly Line[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const [i, entry] of entries.entries()) {
    if (entry.type !== 'reg' || entry.digest === undefined) continue;
    const content = await unpacked(blob.subarray(entry.offset, entry.endOffset));
    expect([sha256(content), content.length]).toEqual([entry.digest, entry.size]);
    found.set(entry.name, content);
    const next = entries.findIndex(({ type }, at) => at > i && type !== 'chunk');
    const parts = entries.slice(i, next === -1 ? undefined : next);
    if (parts.length === 1) continue;
    let at = 0;
    for (const [n, part] of parts.entries()) {
      const frame = await unpacked(blob.subarray(part.offset, parts[n + 1]?.offset ?? entry.endOffset));
      expect([part.chunkOffset ?? 0, part.chunkSize, part.chunkDigest]).toEqual([
        at,
        frame.length,
        sha256(frame),
      ]);
      if (part.chunkType === 'zeros') expect(frame.every((byte) => byte === 0)).toBe(true);
      at += frame.length;
    }
    expect(at).toBe(entry.size);
  }
  return found;
}

describe('zstd:chunked', { timeout: 60_000 }, () => {
  const noise = noiseOf(300_000);
  const holes = Buffer.concat([
    noise.subarray(0, 10),
    Buffer.alloc(5000),
    noise.subarray(0, 5),
    Buffer.alloc(1023),
  ]);
  const contents: readonly (readonly [string, Buffer])[] = [
    ['empty', Buffer.alloc(0)],
    ['small', Buffer.from('hello\n')],
    ['noise', noise],
    ['zeros', Buffer.alloc(9_000_000)],
    ['few-zeros', Buffer.alloc(1023)],
    ['hole', Buffer.alloc(1024)],
    ['holes', holes],
    ['hole-at-end', Buffer.concat([Buffer.from('x'), Buffer.alloc(3000)])],
    ['one-byte-again', Buffer.alloc(9_000_000, 'a')],
  ];
  const entries: LayerEntry[] = [
    { type: 'directory', path: 'folder', mode: 0o1777, uid: 3, gid: 4, mtime: new Date(1.5e12) },
    ...contents.map(([name, content]) => file(`folder/${name}`, content)),
    { type: 'symlink', path: 'folder/symlink', target: 'small' },
    { type: 'link', path: 'folder/link', target: 'folder/small' },
  ];

  it('is the archive, and each of its files and chunks by itself', async () => {
    const tar = Buffer.concat(await Array.fromAsync(packEntries(entries)));
    const { blob, descriptor, diffId, entries: lines } = await chunked(once(tar));
    expect((await unpacked(blob)).equals(tar)).toBe(true);
    expect([diffId, descriptor.digest, descriptor.size]).toEqual([sha256(tar), sha256(blob), blob.length]);
    const found = await contentsOf(blob, lines);
    for (const [name, content] of contents.filter(([, bytes]) => bytes.length > 0)) {
      expect(found.get(`folder/${name}`)?.equals(content)).toBe(true);
    }
    expect(lines[0]).toEqual({
      type: 'dir',
      name: 'folder/',
      mode: 0o1777,
      uid: 3,
      gid: 4,
      modtime: '2017-07-14T02:40:00Z',
    });
    expect(lines.filter(({ type }) => type !== 'reg' && type !== 'chunk').map(({ type }) => type)).toEqual([
      'dir',
      'symlink',
      'hardlink',
    ]);
    const kinds = (name: string) =>
      lines.filter((line) => line.name === `folder/${name}`).map((line) => line.chunkType ?? 'data');
    expect(kinds('holes')).toEqual(['data', 'zeros', 'data']);
    expect(kinds('hole-at-end')).toEqual(['data', 'zeros']);
    expect(kinds('zeros')).toEqual(['zeros', 'zeros']);
    expect(kinds('noise').length).toBeGreaterThan(1);
  });

  it('does not depend on how the archive comes in, nor on how much is done at once', async () => {
    const tar = Buffer.concat(await Array.fromAsync(packEntries(entries.slice(0, 8))));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0, size = 1; at < tar.length; at += size, size = (size * 7) % 60_013) {
        yield tar.subarray(at, at + size);
      }
    }
    const [one, other] = [await chunked(once(tar), 1), await chunked(pieces(), 4)];
    expect(other.descriptor).toEqual(one.descriptor);
  });

  it('has the same chunks before and after a change in the middle of a file', async () => {
    const before = noiseOf(1_500_000);
    const after = Buffer.concat([before.subarray(0, 700_000), Buffer.from('!'), before.subarray(700_000)]);
    const digests = async (content: Buffer) => {
      const { entries: lines } = await chunked(packEntries([file('f', content)]));
      return lines.map(({ chunkDigest }) => chunkDigest);
    };
    const [old, changed] = [await digests(before), await digests(after)];
    const same = changed.filter((digest) => old.includes(digest));
    expect(old.length).toBeGreaterThan(10);
    expect(same.length).toBeGreaterThanOrEqual(old.length - 2);
  });

  it('keeps what tar-split needs to put the archive together again', async () => {
    const tar = Buffer.concat(await Array.fromAsync(packEntries(entries)));
    const { blob, entries: lines, split } = await chunked(once(tar));
    const found = await contentsOf(blob, lines);
    const again = split
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: number; payload: string; name: string; size?: number })
      .map(({ type, payload, name, size }) =>
        type === 2
          ? Buffer.from(payload, 'base64')
          : size
            ? (found.get(name) ?? Buffer.alloc(0))
            : Buffer.alloc(0),
      );
    expect(Buffer.concat(again).equals(tar)).toBe(true);
  });

  it('is not made of what is no archive', async () => {
    await expect(chunked(once(Buffer.from('no archive'.repeat(100))))).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('is not made of an archive with a file with holes', async () => {
    const { execFileSync } = await import('node:child_process');
    const { mkdtemp, rm, truncate, writeFile } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/lading-chunked-`);
    try {
      await writeFile(`${folder}/sparse`, 'x');
      await truncate(`${folder}/sparse`, 1 << 20);
      const tar = execFileSync('tar', ['-C', folder, '--sparse', '-c', 'sparse']);
      await expect(chunked(once(tar))).rejects.toMatchObject({ code: Code.Unimplemented });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
