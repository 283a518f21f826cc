// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer, assembleTar } from '../src/index.ts';
import { entry, oldSparse, pax, tar } from './tar-builder.ts';

let work = '';
let root = '';
let tarSplitFile = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-sparse-'));
  root = join(work, 'layer');
  tarSplitFile = join(work, 'split.gz');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}
const apply = (bytes: Buffer): ReturnType<typeof applyLayer> =>
  applyLayer(pieces(bytes), root, { tarSplitFile });
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
async function rebuilt(): Promise<Buffer> {
  const open = (name: Buffer): AsyncIterable<Uint8Array> =>
    createReadStream(Buffer.concat([Buffer.from(`${root}/`), name]));
  const chunks: Uint8Array[] = [];
  for await (const chunk of assembleTar(tarSplitFile, open)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Files with content at these offsets, 4096 bytes each. */
function makeSparse(path: string, sizeBytes: number, offsets: readonly number[]): void {
  const fd = openSync(path, 'wx');
  ftruncateSync(fd, sizeBytes);
  for (const offset of offsets) writeSync(fd, randomBytes(4096), 0, 4096, offset);
  closeSync(fd);
}

describe('a sparse file', () => {
  it.each([
    ['GNU tar in its old form', 'tar', ['--format=gnu', '--sparse']],
    ['GNU tar in form 0.0', 'tar', ['--format=pax', '--sparse', '--sparse-version=0.0']],
    ['GNU tar in form 0.1', 'tar', ['--format=pax', '--sparse', '--sparse-version=0.1']],
    ['GNU tar in form 1.0', 'tar', ['--format=pax', '--sparse', '--sparse-version=1.0']],
    ['bsdtar', 'bsdtar', ['--format=pax']],
  ])('of %s keeps its holes, and its archive can be rebuilt', async (_name, program, options) => {
    const source = join(work, 'source');
    mkdirSync(source);
    const many = Array.from({ length: 60 }, (_, i) => i * 100 * 4096);
    const files: [string, number, number[]][] = [
      ['few', 1 << 20, [0, 512 << 10]],
      ['many', 60 * 100 * 4096, many],
      ['end', (1 << 20) + 4096, [1 << 20]],
      ['odd', 1_000_001, [8192]],
      ['holes', 3 << 20, []],
    ];
    for (const [name, size, offsets] of files) makeSparse(join(source, name), size, offsets);
    const archive = execFileSync(program, ['-C', source, ...options, '-cf', '-', '.'], {
      maxBuffer: 1 << 27,
    });
    expect(archive.length).toBeLessThan(2 << 20);
    const applied = await apply(archive);
    for (const [name, size, offsets] of files) {
      const stat = statSync(join(root, name));
      expect([name, stat.size]).toEqual([name, size]);
      expect(hash(readFileSync(join(root, name)))).toBe(hash(readFileSync(join(source, name))));
      expect(stat.blocks * 512).toBeLessThanOrEqual(Math.max(offsets.length, 1) * 8192);
    }
    expect((await rebuilt()).equals(archive)).toBe(true);
    expect(applied.diffId).toBe(`sha256:${hash(archive)}`);
  });

  it('has the size, the name and the content that its map says', async () => {
    const content = 'a'.repeat(512) + 'b'.repeat(100);
    await apply(
      tar(
        oldSparse({ name: 'old', realSize: 5000, map: [512, 512, 4000, 100], content }),
        pax({
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.name': 'inline',
          'GNU.sparse.realsize': '2000',
        }),
        entry({ name: 'GNUSparseFile.0/x', content: `1\n1000\n3\n${'\0'.repeat(503)}abc` }),
        entry({ name: 'plain', content: 'after' }),
      ),
    );
    const expected = Buffer.alloc(5000);
    expected.fill('a', 512, 1024);
    expected.fill('b', 4000, 4100);
    expect(readFileSync(join(root, 'old')).equals(expected)).toBe(true);
    expect(readFileSync(join(root, 'inline')).toString('latin1', 999, 1004)).toBe('\0abc\0');
    expect(statSync(join(root, 'inline')).size).toBe(2000);
    expect(readFileSync(join(root, 'plain'), 'utf8')).toBe('after');
  });
});

describe('a sparse map that lies', () => {
  const inline = (map: string, records: Readonly<Record<string, string>> = {}): Buffer =>
    Buffer.concat([
      pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'f',
        'GNU.sparse.realsize': '10000',
        ...records,
      }),
      entry({ name: 'x', content: map.padEnd(512, '\0') }),
    ]);
  const old = (map: number[], realSize = 10_000, content = 'x'.repeat(100)): Buffer =>
    oldSparse({ name: 'f', realSize, map, content });
  it.each([
    ['by pieces that overlap', old([0, 60, 50, 40])],
    ['by pieces that run backwards', old([500, 50, 0, 50])],
    ['by a piece behind the end', old([9_950, 100])],
    ['by less content than there is', old([0, 50])],
    ['by more content than there is', old([0, 200])],
    ['by a negative size', old([0, 100], -1)],
    ['by a negative offset', old([-5, 100])],
    ['inside of the content, by overlapping pieces', inline('2\n0\n60\n50\n40\n')],
    ['inside of the content, by letters', inline('2\nx\n')],
    ['inside of the content, by more pieces than lines', inline('9\n0\n60\n')],
    ['inside of the content, by a count that has no end', inline('9'.repeat(512))],
    ['inside of the content, by a negative count', inline('-1\n')],
    ['by a real size that is no number', inline('0\n', { 'GNU.sparse.realsize': 'large' })],
    [
      'in a record, by another count',
      Buffer.concat([
        pax({ 'GNU.sparse.map': '0,1', 'GNU.sparse.numblocks': '2', 'GNU.sparse.size': '9' }),
        entry({ name: 'f', content: 'x' }),
      ]),
    ],
    [
      'in records, by two offsets in a row',
      Buffer.concat([
        entry({
          name: 'x',
          type: 'x',
          content: '23 GNU.sparse.offset=0\n23 GNU.sparse.offset=1\n',
        }),
        entry({ name: 'f', content: 'x' }),
      ]),
    ],
    [
      'on something that is no file',
      Buffer.concat([
        pax({ 'GNU.sparse.map': '0,1', 'GNU.sparse.numblocks': '1', 'GNU.sparse.size': '9' }),
        entry({ name: 'f', type: '5' }),
      ]),
    ],
  ])('%s is refused', async (_name, archive) => {
    await expect(apply(tar(archive))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/"f"|pax header/),
    });
  });

  it('by a form that nobody writes is refused', async () => {
    await expect(apply(tar(inline('0\n', { 'GNU.sparse.major': '7' })))).rejects.toMatchObject({
      code: 'unimplemented',
    });
  });

  it('by a terabyte of holes in a few bytes meets the limit of the ratio', async () => {
    await expect(apply(tar(old([0, 100], 2 ** 33 - 1)))).rejects.toMatchObject({
      reason: 'LAYER_LIMIT',
      message: expect.stringMatching(/"f".*1100 to one/),
    });
  });

  it('is cut in the middle of its blocks', async () => {
    const map = Array.from({ length: 60 }, (_, i) => [i * 10, 1]).flat();
    const archive = oldSparse({ name: 'f', realSize: 10_000, map, content: 'x'.repeat(60) });
    for (let length = 512; length < archive.length - 512; length += 512) {
      await expect(apply(archive.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'data_loss',
      });
    }
  });
});
