// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer, assembleTar, openArchive, packFolder } from '../src/index.ts';
import { entry, folder, hardLink, oldSparse, pax, symlink, tar } from './tar-builder.ts';

let work = '';
let root = '';
let tarSplitFile = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-split-'));
  root = join(work, 'layer');
  tarSplitFile = join(work, 'layer.tar-split.gz');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const opened = (name: Buffer): AsyncIterable<Uint8Array> =>
  createReadStream(Buffer.concat([Buffer.from(`${root}/`), name]));

async function rebuilt(): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of assembleTar(tarSplitFile, opened)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a tar-split file', () => {
  it('is the one of the reference, line by line', async () => {
    const odd = Buffer.from('d/b\xff<&>', 'latin1');
    await applyLayer(
      pieces(
        Buffer.concat([
          tar(
            folder('d/'),
            entry({ name: 'd/hi', content: 'hi\n' }),
            entry({ name: odd }),
            entry({ name: 'd/<&>\u2028é' }),
            symlink('d/ln', 'hi'),
            entry({ name: 'd/.wh.gone' }),
          ),
          Buffer.alloc(6144),
        ]),
        100,
      ),
      root,
      { tarSplitFile },
    );
    expect(lstatSync(tarSplitFile).mode & 0o777).toBe(0o600);
    const lines = gunzipSync(readFileSync(tarSplitFile)).toString().trimEnd().split('\n');
    expect(lines.every((line, i) => JSON.parse(line).position === i)).toBe(true);
    expect(lines.filter((line) => line.startsWith('{"type":1'))).toEqual([
      '{"type":1,"name":"d/","payload":null,"position":1}',
      '{"type":1,"name":"d/hi","size":3,"payload":"YUmYEAAAAAA=","position":3}',
      '{"type":1,"name_raw":"ZC9i/zwmPg==","payload":null,"position":5}',
      '{"type":1,"name":"d/\\u003c\\u0026\\u003e\\u2028é","payload":null,"position":7}',
      '{"type":1,"name":"d/ln","payload":null,"position":9}',
      '{"type":1,"name":"d/.wh.gone","payload":null,"position":11}',
    ]);
    const segments = lines.flatMap((line) => {
      const { type, payload } = JSON.parse(line);
      return type === 2 ? [Buffer.from(payload, 'base64').length] : [];
    });
    expect(segments).toEqual([512, 512, 509 + 512, 512, 512, 512, 1024 + 6144]);
  });

  const contents = [randomBytes(1), randomBytes(512), randomBytes(1_300_001)];
  const files = contents.map((content, i) => entry({ name: `f${i}`, content }));
  const odd: [string, Buffer][] = [
    ['with its end blocks', tar(...files)],
    ['without end blocks', Buffer.concat(files)],
    ['with one end block', Buffer.concat([...files, Buffer.alloc(512)])],
    ['without the padding of its last file', Buffer.concat(files).subarray(0, -(-1_300_001 & 511))],
    ['with bytes after its end', Buffer.concat([tar(...files), randomBytes(700_001)])],
    ['of nothing', Buffer.alloc(0)],
    ['of end blocks alone', tar()],
    [
      'of all kinds of entries',
      tar(
        pax({ comment: 'c' }, 'g'),
        folder('./'),
        pax({ path: `${'p'.repeat(150)}/x`, mtime: '5.5' }),
        entry({ name: 'cut', content: 'x' }),
        entry({ name: '././@LongLink', type: 'L', content: `${'g'.repeat(120)}\0` }),
        entry({ name: 'cut', content: 'y' }),
        folder('a'),
        entry({ name: Buffer.from([0x61, 0x2f, 0xff]), content: 'not UTF-8' }),
        symlink('a/s', 'x'),
        entry({ name: 'a/fifo', type: '6' }),
        entry({ name: 'a/.wh.x' }),
        entry({ name: '.wh..wh..opq' }),
        entry({ name: '.wh.y', content: 'a body that nobody needs' }),
        entry({ name: '.wh..wh.aufs', content: 'a body of AUFS' }),
        entry({ name: '.wh..wh.plnk/1.2', content: 'a file of several names' }),
        hardLink('plnk', '.wh..wh.plnk/1.2'),
        oldSparse({ name: 'sparse', realSize: 9000, map: [0, 3, 8000, 3], content: 'abcdef' }),
        entry({ name: 'old/', type: '\0', magic: '\0' }),
      ),
    ],
  ];
  it.each(odd)('puts an archive %s together again', async (_name, archive) => {
    const { diffId } = await applyLayer(pieces(gzipSync(archive), 65_536), root, { tarSplitFile });
    const bytes = await rebuilt();
    expect(bytes.length).toBe(archive.length);
    expect(`sha256:${hash(bytes)}`).toBe(diffId);
    expect(diffId).toBe(`sha256:${hash(archive)}`);
  });

  it('is written for many entries without waiting for ever', async () => {
    const source = join(work, 'source');
    mkdirSync(source);
    for (let i = 0; i < 3000; i++) writeFileSync(join(source, `${i}`), randomBytes(i % 300));
    const { diffId } = await applyLayer(packFolder(source), root, { tarSplitFile });
    expect(`sha256:${hash(await rebuilt())}`).toBe(diffId);
  });

  it.each([1, 4096, 128 << 10, 1 << 20])(
    'tells of a byte more or less in a file of about %i bytes, and gives it as it was otherwise',
    async (about) => {
      const file = join(root, 'f');
      for (const size of [about - 1, about, about + 1]) {
        // What stands before shifts the content against the pieces that the archive is given in.
        const archive = tar(
          entry({ name: 'before', content: randomBytes(1000) }),
          entry({ name: 'f', content: randomBytes(size) }),
        );
        const { diffId } = await applyLayer(pieces(archive, 65_536), root, { tarSplitFile });
        const again = async () => Buffer.concat(await Array.fromAsync(openArchive(tarSplitFile, [root])));
        expect(`sha256:${hash(await again())}`).toBe(diffId);
        const content = readFileSync(file);
        const others = [Buffer.concat([content, Buffer.from('x')]), content.subarray(0, -1)];
        // An empty file is no content of the archive, which does not look at it.
        for (const other of size === 0 ? [] : others) {
          writeFileSync(file, other);
          await expect(again()).rejects.toMatchObject({
            code: 'data_loss',
            reason: 'TAR_SPLIT_CHECKSUM',
            message: expect.stringContaining('f'),
          });
        }
        rmSync(tarSplitFile);
      }
    },
  );

  it('reads on where a file system gives less of a file at a time than there is', async () => {
    const symbols = '/proc/kallsyms'; // given in pieces of a page, whatever is asked for
    const content = readFileSync(symbols);
    const archive = tar(entry({ name: 'f', content }));
    await applyLayer(pieces(archive, 65_536), root, { tarSplitFile });
    const again = await Array.fromAsync(assembleTar(tarSplitFile, () => openSync(symbols, 'r')));
    expect(Buffer.concat(again).equals(archive)).toBe(true);
  });

  it('tells when a file is not what it was', async () => {
    await applyLayer(pieces(tar(...files), 65_536), root, { tarSplitFile });
    writeFileSync(join(root, 'f1'), randomBytes(512));
    await expect(rebuilt()).rejects.toMatchObject({
      code: 'data_loss',
      message: expect.stringContaining('f1'),
    });
    writeFileSync(join(root, 'f1'), 'short');
    await expect(rebuilt()).rejects.toMatchObject({ code: 'data_loss' });
    rmSync(join(root, 'f1'));
    await expect(rebuilt()).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['cut', gzipSync('{"type":2,"payload":"","position":0}\n').subarray(0, -9)],
    ['not gzip', Buffer.from('{}')],
    ['not JSON', gzipSync('{"type":\n')],
  ])('that is %s is refused', async (_name, bytes) => {
    writeFileSync(tarSplitFile, bytes);
    await expect(rebuilt()).rejects.toMatchObject({ code: 'data_loss' });
  });

  it('is refused where a path stands twice, as the Go tools refuse it', async () => {
    const twice = tar(entry({ name: 'd/f' }), entry({ name: './d//f' }));
    await expect(applyLayer(pieces(twice, 512), root, { tarSplitFile })).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'TAR_DUPLICATE',
    });
    await applyLayer(pieces(twice, 512), root);
  });

  it('does not replace a file', async () => {
    writeFileSync(tarSplitFile, 'kept');
    await expect(applyLayer(pieces(tar(), 512), root, { tarSplitFile })).rejects.toMatchObject({
      code: 'already_exists',
    });
    expect(readFileSync(tarSplitFile, 'utf8')).toBe('kept');
  });
});
