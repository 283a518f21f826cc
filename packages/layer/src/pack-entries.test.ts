// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LayerEntry, type PackEntriesOptions, packEntries } from './index.ts';
import { parseHeader, type TarHeader } from './tar-header.ts';

async function bytesOf(entries: readonly LayerEntry[], options?: PackEntriesOptions): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of packEntries(entries, options)) found.push(chunk);
  return Buffer.concat(found);
}

async function headersOf(
  entries: readonly LayerEntry[],
  options?: PackEntriesOptions,
): Promise<readonly TarHeader[]> {
  const bytes = await bytesOf(entries, options);
  const found: TarHeader[] = [];
  for (let at = 0; bytes[at] !== 0; ) {
    const header = parseHeader(bytes.subarray(at, at + 512));
    found.push(header);
    at += 512 + Math.ceil(header.size / 512) * 512;
  }
  return found;
}

async function namesOf(
  entries: readonly LayerEntry[],
  options?: PackEntriesOptions,
): Promise<readonly string[]> {
  return (await headersOf(entries, options)).map(({ name }) => name.toString('latin1'));
}

describe('packEntries', () => {
  it('gives what was left out its usual value', async () => {
    const [file, folder, device] = await headersOf([
      { type: 'file', path: '/f' },
      { type: 'directory', path: 'd/' },
      { type: 'char', path: 'null', major: 1, minor: 3 },
    ]);
    const usual = { uid: 0, gid: 0, mtime: 0, size: 0 };
    expect(file).toMatchObject({ ...usual, type: 'file', mode: 0o644 });
    expect(folder).toMatchObject({ ...usual, type: 'directory', mode: 0o755, name: Buffer.from('d/') });
    expect(device).toMatchObject({ ...usual, type: 'char', mode: 0o666, major: 1, minor: 3 });
  });

  it('makes the folders on the way once, or none', async () => {
    const entries: readonly LayerEntry[] = [
      { type: 'file', path: 'a/b/one' },
      { type: 'file', path: 'a/b/two' },
      { type: 'whiteout', path: 'a/gone' },
      { type: 'opaque', path: 'c' },
    ];
    expect(await namesOf(entries)).toEqual([
      'a/',
      'a/b/',
      'a/b/one',
      'a/b/two',
      'a/.wh.gone',
      'c/',
      'c/.wh..wh..opq',
    ]);
    expect(await namesOf(entries, { parents: 'omitted' })).toEqual([
      'a/b/one',
      'a/b/two',
      'a/.wh.gone',
      'c/.wh..wh..opq',
    ]);
  });

  it('takes content as text, as bytes, from a file, and from a stream when its turn comes', async () => {
    const work = mkdtempSync(join(tmpdir(), 'lading-entries-'));
    try {
      writeFileSync(join(work, 'real'), 'from a file');
      symlinkSync('real', join(work, 'link'));
      let opened = 0;
      const stream = async function* (): AsyncGenerator<Uint8Array> {
        opened += 1;
        yield Buffer.from('from a ');
        yield Buffer.from('stream');
      };
      const packing = packEntries([
        { type: 'file', path: '1', content: 'tèxt' },
        { type: 'file', path: '2', content: Buffer.from([0xff]) },
        { type: 'file', path: '3', file: join(work, 'link') },
        { type: 'file', path: '4', stream, sizeBytes: 13 },
      ]);
      expect(opened).toBe(0);
      const chunks: Uint8Array[] = [];
      for await (const chunk of packing) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      expect(bytes.toString('utf8', 512, 517)).toBe('tèxt');
      expect(bytes[512 * 3]).toBe(0xff);
      expect(bytes.toString('utf8', 512 * 5, 512 * 5 + 11)).toBe('from a file');
      expect(bytes.toString('utf8', 512 * 7, 512 * 7 + 13)).toBe('from a stream');
      expect(bytes.length).toBe(512 * 8 + 1024);
    } finally {
      rmSync(work, { recursive: true });
    }
  });

  it('says of a hard link what it says of the file, since Go’s tools set it anew', async () => {
    const what = { mode: 0o4755, uid: 5, gid: 6, mtime: new Date(1_000_000_000_000) };
    const [, first, second] = await headersOf([
      { type: 'file', path: 'f', content: 'x', ...what },
      { type: 'link', path: 'g', target: 'f' },
      { type: 'link', path: 'h', target: 'g' },
    ]);
    for (const header of [first, second])
      expect(header).toMatchObject({ type: 'link', ...what, mtime: 1_000_000_000, size: 0 });
    expect(second?.linkName.toString()).toBe('g');
  });

  it('cuts times to the latest one that is asked for', async () => {
    const mtime = new Date(2_000_000_000_000);
    const [header] = await headersOf([{ type: 'file', path: 'f', mtime }], {
      mtime: new Date(1_000_000_000_500),
    });
    expect(header?.mtime).toBe(1_000_000_000);
  });

  const file = (path: string | Uint8Array): LayerEntry => ({ type: 'file', path });
  const cases: readonly (readonly [string, readonly LayerEntry[], string])[] = [
    ['a path that climbs out', [file('a/../../b')], '".."'],
    ['a path with .. that stays inside', [file('a/../b')], '".."'],
    ['an empty path', [file('')], 'root'],
    ['the root', [{ type: 'directory', path: '/./' }], 'root'],
    ['a path with a NUL', [file('a\0b')], 'NUL'],
    ['a path that is too long', [file('abc/'.repeat(1500))], '4095'],
    ['a name that is too long', [file(`d/${'é'.repeat(128)}`)], '255'],
    ['a path that comes twice', [file('a'), file('./a')], 'twice'],
    [
      'a path that comes twice, as bytes',
      [file(Buffer.from([0xff])), file(Buffer.from([0x2f, 0xff]))],
      'twice',
    ],
    ['a path in a file', [file('a'), file('a/b')], 'not a folder'],
    ['a path in a link', [{ type: 'symlink', path: 'a', target: 'b' }, file('a/b')], 'not a folder'],
    ['a path in what is gone', [{ type: 'whiteout', path: 'a' }, file('a/b')], 'not a folder'],
    ['a folder after what is in it', [file('a/b'), { type: 'directory', path: 'a' }], 'before its content'],
    ['a file in the place of a folder', [file('a/b'), file('a')], 'is a folder already'],
    ['a name that stands for a removal', [file('d/.wh.x')], '.wh.'],
    ['a hard link to nothing', [{ type: 'link', path: 'a', target: 'b' }], 'hard link'],
    [
      'a hard link to a folder',
      [
        { type: 'directory', path: 'b' },
        { type: 'link', path: 'a', target: 'b' },
      ],
      'hard link',
    ],
    ['a hard link that leads out', [{ type: 'link', path: 'a', target: '../b' }], '".."'],
    ['a link to nowhere', [{ type: 'symlink', path: 'a', target: '' }], 'target'],
    ['a mode out of range', [{ ...file('a'), mode: 0o10000 } as LayerEntry], 'mode'],
    ['an owner that is no number', [{ ...file('a'), uid: 1.5 } as LayerEntry], 'uid'],
    ['the owner that means none', [{ ...file('a'), gid: 0xffff_ffff } as LayerEntry], 'gid'],
    ['a device number out of range', [{ type: 'block', path: 'a', major: 4096, minor: 0 }], 'major'],
    ['a time before 1970', [{ ...file('a'), mtime: new Date(-1) } as LayerEntry], 'mtime'],
    ['a time that is none', [{ ...file('a'), mtime: new Date('x') } as LayerEntry], 'mtime'],
    ['an extended attribute of no kind', [{ ...file('a'), xattrs: { note: '' } } as LayerEntry], 'note'],
    [
      'an extended attribute with =',
      [{ ...file('a'), xattrs: { 'user.a=b': '' } } as LayerEntry],
      'user.a=b',
    ],
    [
      'a stream that is too short',
      [{ type: 'file', path: 'a', stream: async function* () {}, sizeBytes: 1 }],
      'fewer bytes',
    ],
    [
      'a stream that is too long',
      [
        {
          type: 'file',
          path: 'a',
          sizeBytes: 1,
          stream: async function* () {
            yield Buffer.from('xy');
          },
        },
      ],
      'more bytes',
    ],
    ['a file that is a folder', [{ type: 'file', path: 'a', file: '/' }], 'not a file'],
  ];
  it.each(cases)('refuses %s', async (_name, entries, message) => {
    for (const parents of ['made', 'omitted'] as const)
      await expect(bytesOf(entries, { parents })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
      });
  });

  it('says which file is not there', async () => {
    await expect(bytesOf([{ type: 'file', path: 'a', file: '/nowhere/x' }])).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('/nowhere/x'),
    });
  });

  it('ends when it is told to, and then ends the stream that it reads', async () => {
    const stop = new AbortController();
    let isEnded = false;
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1 << 20);
      } finally {
        isEnded = true;
      }
    };
    const entries: readonly LayerEntry[] = [{ type: 'file', path: 'a', stream, sizeBytes: 2 ** 40 }];
    await expect(
      (async () => {
        for await (const _ of packEntries(entries, { signal: stop.signal })) stop.abort();
      })(),
    ).rejects.toMatchObject({ code: 'canceled' });
    expect(isEnded).toBe(true);
  });

  it('ends when it is told to while a stream gives nothing', async () => {
    const stop = new AbortController();
    const stream = (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          queueMicrotask(() => stop.abort());
          return new Promise(() => undefined);
        },
      }),
    });
    const packing = bytesOf([{ type: 'file', path: 'a', stream, sizeBytes: 1 }], { signal: stop.signal });
    await expect(packing).rejects.toMatchObject({ code: 'canceled' });
  });
});
