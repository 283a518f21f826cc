// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { entry, type Fields, folder, hardLink, oldSparse, pax, symlink, tar } from '../test/tar-builder.ts';
import { defaultLimits } from './limits.ts';
import type { TarEntry } from './tar-entry.ts';
import { createTarParser } from './tar-parser.ts';

interface Parsed {
  readonly entries: readonly TarEntry[];
  readonly content: readonly string[];
  /** Names of global headers. */
  readonly globals: readonly string[];
  /** The archive as it came, put together again. */
  readonly bytes: Buffer;
}

function parse(archive: Buffer, chunkBytes = archive.length): Parsed {
  const entries: TarEntry[] = [];
  const content: string[] = [];
  const globals: string[] = [];
  const bytes: Buffer[] = [];
  const parser = createTarParser(
    {
      onRaw: (raw) => bytes.push(Buffer.from(raw)),
      onEntry(found) {
        entries.push(found);
        content.push('');
      },
      onContent(piece) {
        bytes.push(Buffer.from(piece));
        content.push((content.pop() ?? '') + piece.toString('latin1'));
      },
      onEntryEnd() {},
      onGlobalHeader: (name) => globals.push(name.toString()),
    },
    defaultLimits,
  );
  for (let at = 0; at < archive.length; at += chunkBytes) parser.push(archive.subarray(at, at + chunkBytes));
  parser.end();
  return { entries, content, globals, bytes: Buffer.concat(bytes) };
}

/** A header with bytes of its own at some places. */
function patched(fields: Fields, patches: Readonly<Record<number, string | Buffer>>): Buffer {
  const made = entry(fields);
  for (const [at, bytes] of Object.entries(patches)) Buffer.from(bytes as Buffer).copy(made, Number(at));
  made.fill(' ', 148, 156);
  const sum = made.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return made;
}

describe('a header', () => {
  const gnu = { name: 'f', magic: 'ustar  \0' };
  const base256 = (value: number, length: number): Buffer => {
    const field = Buffer.alloc(length);
    field.writeBigInt64BE(BigInt(value), length - 8);
    field[0] = value < 0 ? 0xff : 0x80;
    if (value < 0) field.fill(0xff, 0, length - 8);
    return field;
  };
  it.each<[string, Buffer, Partial<Record<keyof TarEntry, unknown>>]>([
    [
      'of ustar has a prefix',
      patched({ name: 'f' }, { 345: 'some/folder' }),
      { name: Buffer.from('some/folder/f') },
    ],
    [
      'of star has a shorter prefix, and an access time',
      patched({ name: 'f' }, { 345: 'p', 476: '00000000144\0', 508: 'tar\0' }),
      { name: Buffer.from('p/f'), atimeNs: 100_000_000_000n },
    ],
    [
      'of GNU has an access time where ustar has the prefix',
      patched(gnu, { 345: '00000000144\0' }),
      { name: Buffer.from('f'), atimeNs: 100_000_000_000n },
    ],
    [
      'of Go before 1.8 has a prefix where GNU has times',
      patched(gnu, { 345: 'some/folder' }),
      { name: Buffer.from('some/folder/f'), atimeNs: undefined },
    ],
    [
      'of the old form has no prefix and no devices',
      patched({ name: 'f', magic: '\0' }, { 345: 'nonsense', 329: 'nonsense' }),
      { name: Buffer.from('f'), major: 0 },
    ],
    ['has numbers in base 256', patched(gnu, { 108: base256(3_000_000_000, 8) }), { uid: 3_000_000_000 }],
    [
      'has a size beyond octal',
      patched({ name: 'd', type: '5' }, { 124: base256(2 ** 40, 12) }),
      { size: 2 ** 40 },
    ],
    ['has a time before 1970 in base 256', patched(gnu, { 136: base256(-5, 12) }), { mtimeNs: 0n }],
    ['has numbers between blanks', patched(gnu, { 100: '  644 \0 ' }), { mode: 0o644 }],
    ['has numbers that fill the field', patched(gnu, { 100: '00000644' }), { mode: 0o644 }],
    ['has empty numbers', patched(gnu, { 100: '\0\0\0\0\0\0\0\0', 108: '        ' }), { mode: 0, uid: 0 }],
    ['has file type bits in its mode', patched(gnu, { 100: '0100644\0' }), { mode: 0o644 }],
    ['of type 7 is a file', entry({ name: 'f', type: '7', content: 'x' }), { type: 'file', size: 1 }],
    ['of type NUL is a file', entry({ name: 'f', type: '\0' }), { type: 'file' }],
    ['of type NUL with a slash is a folder', entry({ name: 'f/', type: '\0' }), { type: 'directory' }],
    ['of type 0 with a slash stays a file', entry({ name: 'f/' }), { type: 'file' }],
    ['has a full name without NUL', entry({ name: 'n'.repeat(100) }), { name: Buffer.from('n'.repeat(100)) }],
    [
      'has a checksum of signed bytes',
      entry({
        name: Buffer.from([0xff, 0xfe]),
        checksum: entry({ name: Buffer.from([0xff, 0xfe]) })
          .subarray(0, 512)
          .reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte > 127 ? byte - 256 : byte), 0),
      }),
      { name: Buffer.from([0xff, 0xfe]) },
    ],
  ])('%s', (_name, archive, expected) => {
    const { entries, bytes } = parse(tar(archive));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject(expected);
    expect(bytes.equals(tar(archive))).toBe(true);
  });
});

describe('a pax header', () => {
  const file = entry({ name: 'f' });
  it.each<[string, Buffer, Partial<Record<keyof TarEntry, unknown>>]>([
    ['gives large owners', pax({ uid: '4294967294', gid: '70000' }), { uid: 4_294_967_294, gid: 70_000 }],
    [
      'gives times below a second',
      pax({ mtime: '1.000000001', atime: '2.5' }),
      { mtimeNs: 1_000_000_001n, atimeNs: 2_500_000_000n },
    ],
    [
      'gives times finer than nanoseconds, which are cut',
      pax({ mtime: '1.9999999999' }),
      { mtimeNs: 1_999_999_999n },
    ],
    [
      'says that it is binary',
      pax({ hdrcharset: 'BINARY', path: Buffer.from([0xff]) }),
      { name: Buffer.from([0xff]) },
    ],
    [
      'with the same key twice gives the last one',
      Buffer.concat([
        pax({ path: 'a' }).subarray(0, 0),
        entry({ name: 'x', type: 'x', content: '10 path=a\n10 path=b\n' }),
      ]),
      { name: Buffer.from('b') },
    ],
    [
      'takes a record back by an empty one',
      entry({ name: 'x', type: 'x', content: '10 path=a\n8 path=\n' }),
      { name: Buffer.from('f') },
    ],
    [
      'has an attribute in the form of libarchive',
      pax({ 'LIBARCHIVE.xattr.user.a%3Db%25': 'AAEC' }),
      { xattrs: new Map([['user.a=b%', Buffer.from([0, 1, 2])]]) },
    ],
    [
      'has an attribute in both forms',
      pax({ 'SCHILY.xattr.user.a': 'one', 'LIBARCHIVE.xattr.user.a': 'dHdv' }),
      { xattrs: new Map([['user.a', Buffer.from('one')]]) },
    ],
    [
      'has records that nobody knows',
      pax({ 'VENDOR.thing': 'x', comment: 'y', ctime: '1.5', uname: 'u' }),
      { name: Buffer.from('f') },
    ],
    [
      'is replaced by the next one',
      Buffer.concat([pax({ path: 'a', uid: '5' }), pax({ gid: '6' })]),
      { name: Buffer.from('f'), uid: 0, gid: 6 },
    ],
    [
      'is forgotten at a global header, as by Go',
      Buffer.concat([pax({ path: 'a' }), pax({ path: 'b' }, 'g')]),
      { name: Buffer.from('f') },
    ],
    [
      'yields to a name of GNU, as with Go',
      Buffer.concat([pax({ path: 'a' }), entry({ name: 'L', type: 'L', content: 'gnu\0' })]),
      { name: Buffer.from('gnu') },
    ],
  ])('%s', (_name, header, expected) => {
    const { entries } = parse(tar(header, file));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject(expected);
  });

  it('has the size that counts', () => {
    const { entries, content } = parse(
      tar(pax({ size: '3' }), entry({ name: 'f', content: 'abc', size: 0 })),
    );
    expect(entries[0]?.size).toBe(3);
    expect(content).toEqual(['abc']);
  });

  it.each([
    ['without a key', '4 =x\n'],
    ['with a NUL in a key', '9 a\0b=xy\n'],
    ['without an equals sign', '7 path\n'],
    ['that reaches behind the header', '99 path=x\n'],
    ['of length 0', '0 path=x\n'],
    ['with a length that is no number', 'xx path=x\n'],
    ['with a negative length', '-9 path=x\n'],
    ['with a length below its own digits', '1 path=x\n'],
    ['without a newline at its end', '10 path=abc'],
  ])('with a record %s is refused, in a global header too', (_name, content) => {
    for (const type of ['x', 'g']) {
      expect(() => parse(tar(entry({ name: 'p', type, content }), file))).toThrow(/pax header/);
    }
  });

  it.each([
    ['a time that is none', { mtime: 'now' }],
    ['an owner that is no number', { uid: 'root' }],
    ['a size that is no number', { size: '1e3' }],
    ['a negative size', { size: '-1' }],
    ['a size beyond all files', { size: '99999999999999999999' }],
  ])('with %s is refused, and the entry is named', (_name, records) => {
    expect(() => parse(tar(pax(records), file))).toThrow(/"f"/);
  });
});

describe('an archive', () => {
  const archive = tar(
    folder('d/'),
    pax({ path: 'd/long', 'SCHILY.xattr.user.a': 'x' }),
    entry({ name: 'short', content: 'x'.repeat(1500) }),
    entry({ name: 'L', type: 'L', content: `${'n'.repeat(600)}\0` }),
    entry({ name: 'K', type: 'K', content: `${'t'.repeat(600)}\0` }),
    symlink('s', 't'),
    hardLink('h', 'd/long'),
    pax({ comment: 'all' }, 'g'),
    oldSparse({
      name: 'sparse',
      realSize: 9999,
      map: Array.from({ length: 30 }, (_, i) => [i * 9, 1]).flat(),
      content: 'y'.repeat(30),
    }),
    pax({
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'inline',
      'GNU.sparse.realsize': '50',
    }),
    entry({ name: 'x', content: `${'1\n7\n2\n'.padEnd(512, '\0')}zz` }),
    entry({ name: 'end' }),
  );

  it('reads the same in pieces of any size, and every byte comes out once', () => {
    const whole = parse(archive);
    expect(whole.entries.map(({ name }) => name.toString().slice(0, 8))).toEqual([
      'd/',
      'd/long',
      'nnnnnnnn',
      'h',
      'sparse',
      'inline',
      'end',
    ]);
    expect(whole.content).toEqual(['', 'x'.repeat(1500), '', '', 'y'.repeat(30), 'zz', '']);
    expect(whole.globals).toEqual(['PaxHeaders/x']);
    expect(whole.bytes.equals(archive)).toBe(true);
    for (const size of [1, 7, 511, 512, 513, 1000]) expect(parse(archive, size)).toEqual(whole);
  });

  it('that is cut at any border, and in many other places, is refused or has fewer entries', () => {
    const all = parse(archive).entries;
    const isWhole = new Set<number>();
    for (let length = 0; length < archive.length; length += length % 512 < 2 ? 1 : 15) {
      try {
        const { entries } = parse(archive.subarray(0, length), 4096);
        expect(all.slice(0, entries.length).map(({ name }) => name)).toEqual(entries.map(({ name }) => name));
        isWhole.add(length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'data_loss', reason: 'TRUNCATED' });
      }
    }
    // Whole is what ends behind the content of an entry (its padding may lack), and behind a block of zeros.
    expect([...isWhole].filter((length) => length % 512 === 0).length).toBeGreaterThan(7);
  }, 60_000);

  it('with an entry behind a lone block of zeros is refused: some readers would see it, some not', () => {
    expect(() =>
      parse(Buffer.concat([entry({ name: 'a' }), Buffer.alloc(512), entry({ name: 'b' })])),
    ).toThrow(/lone block of zeros/);
    expect(parse(Buffer.concat([entry({ name: 'a' }), Buffer.alloc(512)])).entries).toHaveLength(1);
  });

  it('has whatever follows its two blocks of zeros as it is', () => {
    const trailing = Buffer.concat([archive, Buffer.from('not a header'), entry({ name: 'never' })]);
    expect(parse(trailing, 100).bytes.equals(trailing)).toBe(true);
    expect(parse(trailing).entries).toHaveLength(7);
  });
});
