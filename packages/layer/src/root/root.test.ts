// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { parseDigest } from '@lading/image-spec';
import { afterAll, describe, expect, it } from 'vitest';
import { entry, folder, hardLink, oldSparse, pax, symlink, tar } from '../../test/tar-builder.ts';
import {
  clampLayer,
  compareRoots,
  packRoot,
  type RootLayer,
  type RootTree,
  readLayer,
  readRoot,
} from '../index.ts';

const file = (name: string, content = name, fields = {}): Buffer => entry({ name, content, ...fields });

/** A layer in small pieces, so that what spans two of them is tried. */
function layerOf(...entries: readonly Buffer[]): RootLayer {
  const bytes = tar(...entries);
  return { open: () => pieces(bytes) };
}

async function* pieces(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The packed tree, a line an entry, in the order of the archive. */
async function packed(...layers: readonly RootLayer[]): Promise<readonly string[]> {
  return lines(pieces(Buffer.concat(await Array.fromAsync(packRoot(await kept(layers))))));
}

const work = mkdtempSync(join(tmpdir(), 'lading-root-'));
afterAll(() => rmSync(work, { recursive: true }));

async function kept(layers: readonly RootLayer[]): Promise<RootTree> {
  return readRoot(layers, { contentFolder: mkdtempSync(join(work, 'contents-')) });
}

async function lines(archive: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const found: string[] = [];
  let content: Buffer[] = [];
  for await (const event of readLayer(archive)) {
    if (event.kind === 'entry') {
      const { name, linkName, type, mode } = event.entry;
      found.push(
        `${type} ${mode.toString(8)} ${name.toString('latin1')}${linkName.length > 0 ? ` -> ${linkName}` : ''}`,
      );
      content = [];
    } else if (event.kind === 'content') content.push(Buffer.from(event.bytes));
    else if (content.length > 0) found.push(`${found.pop()} = ${Buffer.concat(content)}`);
  }
  return found;
}

describe('the tree of layers', () => {
  const cases: readonly (readonly [string, readonly (readonly Buffer[])[], readonly string[]])[] = [
    [
      'has the files of all layers, and of two with one name the upper one',
      [[folder('a/'), file('a/x', 'old'), file('a/y', 'y')], [file('a/x', 'new')]],
      ['directory 755 a/', 'file 644 a/x = new', 'file 644 a/y = y'],
    ],
    [
      'has nothing of what a whiteout removes, and of what is below it',
      [
        [file('a/x'), file('b/c/d'), file('k')],
        [file('a/.wh.x', ''), file('.wh.b', '')],
      ],
      ['directory 755 a/', 'file 644 k = k'],
    ],
    [
      'has of an opaque folder what its own layer and upper ones have, whatever the order',
      [[file('a/x'), file('a/s/x')], [file('a/y'), file('a/.wh..wh..opq', ''), file('a/z')], [file('a/w')]],
      ['directory 755 a/', 'file 644 a/w = a/w', 'file 644 a/y = a/y', 'file 644 a/z = a/z'],
    ],
    [
      'keeps what a layer puts under a name after its own whiteout, and nothing of the old folder',
      [[file('a/x')], [file('.wh.a', ''), folder('a/', { mode: 0o700 }), file('a/y')]],
      ['directory 700 a/', 'file 644 a/y = a/y'],
    ],
    [
      'has a file in the place of a folder, and the other way round',
      [
        [file('a/x'), file('b')],
        [file('a', 'A'), file('b/x')],
      ],
      ['file 644 a = A', 'directory 755 b/', 'file 644 b/x = b/x'],
    ],
    [
      'keeps what is known of a folder where an upper layer does not say it',
      [[folder('a/', { mode: 0o711 })], [file('a/x')], [folder('a/', { mode: 0o750 })]],
      ['directory 750 a/', 'file 644 a/x = a/x'],
    ],
    [
      'has hard links as names of one file',
      [[file('a', 'same'), hardLink('b', 'a'), hardLink('c', 'b')]],
      ['file 644 a = same', 'link 644 b -> a', 'link 644 c -> a'],
    ],
    [
      'gives the content to the link that is left when the first name is gone',
      [
        [file('a', 'same'), hardLink('b', 'a'), hardLink('c', 'a')],
        [file('.wh.a', '')],
        [file('c', 'other')],
      ],
      ['file 644 b = same', 'file 644 c = other'],
    ],
    [
      'gives empty files and links of them once too',
      [[file('a', ''), hardLink('b', 'a'), symlink('s', '../../etc/passwd')]],
      ['file 644 a', 'link 644 b -> a', 'symlink 777 s -> ../../etc/passwd'],
    ],
    [
      'follows a link of the same layer on the way to a file, inside of the layer',
      [[folder('usr/'), folder('usr/lib/'), symlink('lib', '/usr/lib'), file('lib/x')]],
      [
        'symlink 777 lib -> /usr/lib',
        'directory 755 usr/',
        'directory 755 usr/lib/',
        'file 644 usr/lib/x = lib/x',
      ],
    ],
    [
      'does not follow a link of a layer below, as overlay does not',
      [[folder('usr/'), symlink('lib', 'usr')], [file('lib/x')]],
      ['directory 755 lib/', 'file 644 lib/x = lib/x', 'directory 755 usr/'],
    ],
    [
      'keeps a path that climbs inside of the layer there',
      [[symlink('up', '../../..'), file('up/x')]],
      ['symlink 777 up -> ../../..', 'file 644 x = up/x'],
    ],
    [
      'takes an absolute name for a relative one',
      [[file('/etc/motd', 'hi'), file('./etc/./issue', 'ho')]],
      ['directory 755 etc/', 'file 644 etc/issue = ho', 'file 644 etc/motd = hi'],
    ],
    [
      'has the last of two entries of one name',
      [[file('a', '1'), file('a', '2'), folder('d/'), file('d/x'), file('d', 'f')]],
      ['file 644 a = 2', 'file 644 d = f'],
    ],
    [
      'leaves the files of AUFS out, and keeps the links to them',
      [[file('.wh..wh.plnk/1.2', 'kept'), hardLink('a', '.wh..wh.plnk/1.2'), file('.wh..wh.aufs', '')]],
      ['file 644 a = kept'],
    ],
    [
      'has whiteouts of what is not there for nothing',
      [[file('.wh.a', ''), file('.wh.b', ''), file('b/.wh.c', ''), file('b/.wh..wh..opq', '')]],
      [],
    ],
    [
      'fills the holes of sparse files with zeros',
      [[oldSparse({ name: 's', realSize: 6, map: [1, 2, 4, 1], content: 'abc' })]],
      ['file 644 s = \0ab\0c\0'],
    ],
    [
      'keeps names that are not UTF-8, byte for byte',
      [[entry({ name: Buffer.from([0x61, 0xff]), content: 'x' })]],
      ['file 644 a\xff = x'],
    ],
    [
      'has devices and FIFOs',
      [[entry({ name: 'p', type: '6' }), entry({ name: 'c', type: '3' })]],
      ['char 644 c', 'fifo 644 p'],
    ],
  ];
  it.each(cases)('%s', async (_name, layers, expected) => {
    expect(await packed(...layers.map((entries) => layerOf(...entries)))).toEqual(expected);
  });

  const refused: readonly (readonly [string, readonly Buffer[], string | undefined])[] = [
    ['a name that leads out', [file('../x')], 'TAR_ESCAPE'],
    ['a name that leads out further in', [file('a/../../x')], 'TAR_ESCAPE'],
    ['a hard link that leads out', [hardLink('a', '../../etc/shadow')], 'TAR_ESCAPE'],
    ['a hard link to nothing', [hardLink('a', 'etc/shadow')], 'TAR_LINK'],
    ['a hard link to a folder', [folder('d/'), hardLink('a', 'd')], 'TAR_LINK'],
    ['a hard link to itself', [hardLink('a', 'a')], 'TAR_LINK'],
    ['a file below a file', [file('a'), file('a/x')], 'ENOTDIR'],
    ['links in a circle on the way', [symlink('a', 'b'), symlink('b', 'a'), file('a/x')], 'ENOTDIR'],
    ['a whiteout of nothing', [file('.wh.', '')], 'TAR_WHITEOUT'],
    ['a file in what would be a whiteout', [file('.wh.a/x')], 'RESERVED_NAME'],
    ['a whiteout of the folder above', [file('a/.wh...', '')], 'TAR_WHITEOUT'],
  ];
  it.each(refused)('refuses %s', async (_name, entries, reason) => {
    await expect(readRoot([layerOf(...entries)])).rejects.toMatchObject({
      code: Code.InvalidArgument,
      reason,
    });
  });

  it('refuses bombs: of entries, of zeros, of holes, and of folders in folders', async () => {
    const bombs: readonly (readonly [Buffer, object])[] = [
      [tar(...Array.from({ length: 30 }, (_, i) => file(`f${i}`, ''))), { entries: 20 }],
      [tar(file(`${'a/'.repeat(40)}x`, '')), { entries: 20 }],
      [tar(file('z', '\0'.repeat(1 << 20))), { ratio: 10, ratioFromBytes: 1 << 16 }],
      [
        tar(oldSparse({ name: 's', realSize: 8 ** 11 - 1, map: [0, 1], content: 'x' })),
        { totalBytes: 1 << 30 },
      ],
    ];
    for (const [bytes, limits] of bombs) {
      const bomb: RootLayer = { open: () => pieces(gzipSync(bytes)) };
      await expect(readRoot([bomb], { limits, digests: true })).rejects.toMatchObject({
        code: Code.ResourceExhausted,
        reason: 'LAYER_LIMIT',
      });
    }
  });

  it('takes the limit of entries for all layers together', async () => {
    const layers = Array.from({ length: 5 }, (_, i) => layerOf(file(`a${i}`, ''), file(`b${i}`, '')));
    await expect(readRoot(layers, { limits: { entries: 9 } })).rejects.toMatchObject({
      reason: 'LAYER_LIMIT',
    });
    await expect(readRoot(layers, { limits: { entries: 10 } })).resolves.toBeDefined();
  });

  it('drops the marks of overlay and the labels of SELinux, and keeps other attributes', async () => {
    const layer = layerOf(
      pax({
        'SCHILY.xattr.trusted.overlay.redirect': '/etc',
        'SCHILY.xattr.user.overlay.opaque': 'y',
        'SCHILY.xattr.security.selinux': 'label',
        'SCHILY.xattr.user.note': 'kept',
      }),
      file('a'),
    );
    const archive = packRoot(await kept([layer]));
    const xattrs: unknown[] = [];
    for await (const event of readLayer(archive))
      if (event.kind === 'entry')
        xattrs.push([...event.entry.xattrs].map(([key, value]) => [key, String(value)]));
    expect(xattrs).toEqual([[['user.note', 'kept']]]);
  });

  it('is read only of the layers that their diffIDs name, however they are compressed', async () => {
    const bytes = tar(file('a'));
    const diffId = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    await expect(readRoot([{ open: () => pieces(gzipSync(bytes)), diffId }])).resolves.toBeDefined();
    const other: RootLayer = { open: () => pieces(gzipSync(tar(file('b')))), diffId };
    await expect(readRoot([other])).rejects.toMatchObject({ code: Code.DataLoss, reason: 'DIGEST_MISMATCH' });
    const cut: RootLayer = { open: () => pieces(bytes.subarray(0, 512)) };
    await expect(readRoot([cut])).rejects.toMatchObject({ code: Code.DataLoss });
  });

  it('is packed only with the contents of its files', async () => {
    const tree = await readRoot([layerOf(file('a'))]);
    await expect(Array.fromAsync(packRoot(tree))).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });

  it('ends all sources when one fails, and when a signal ends it', async () => {
    let [opened, closed] = [0, 0];
    const endless: RootLayer = {
      async *open() {
        opened += 1;
        try {
          for (let i = 0; ; i++) yield* pieces(file(`f${i}`));
        } finally {
          closed += 1;
        }
      },
    };
    const broken = layerOf(file('../x'));
    await expect(readRoot([endless, endless, broken])).rejects.toMatchObject({ reason: 'TAR_ESCAPE' });
    expect(opened).toBe(2);
    await expect.poll(() => closed).toBe(2);
    const controller = new AbortController();
    const reading = readRoot([endless], { signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: Code.Canceled });
    const tree = await kept([layerOf(file('a', 'a'.repeat(5_000_000)))]);
    const rest = packRoot(tree, { signal: controller.signal });
    await expect(rest.next()).rejects.toMatchObject({ code: Code.Canceled });
  });

  it('keeps the contents of large files and of many small ones apart', async () => {
    const large = Array.from({ length: 3 }, (_, i) => file(`large${i}`, String(i).repeat(1_500_000)));
    const small = Array.from({ length: 300 }, (_, i) => file(`small${i}`, `content ${i}\n`));
    const archive = packRoot(await kept([layerOf(...large, ...small), layerOf(file('small7', 'new'))]));
    const found = new Map(
      (await lines(archive)).map((line) => line.slice(9).split(' = ', 2) as [string, string]),
    );
    expect(found.size).toBe(303);
    for (let i = 0; i < 3; i++) expect(found.get(`large${i}`) === String(i).repeat(1_500_000)).toBe(true);
    for (let i = 0; i < 300; i++) expect(found.get(`small${i}`)).toBe(i === 7 ? 'new' : `content ${i}\n`);
  });
});

describe('a comparison', () => {
  async function compared(before: readonly Buffer[], after: readonly Buffer[], times = false) {
    const [a, b] = await Promise.all(
      [before, after].map((entries) => readRoot([layerOf(...entries)], { digests: true })),
    );
    if (a === undefined || b === undefined) throw new Error('two were read');
    return [...compareRoots(a, b, { times })].map(
      ({ kind, path, changes }) => `${kind} ${Buffer.from(path)}${changes.length > 0 ? ` ${changes}` : ''}`,
    );
  }

  it('lists what was added, removed and changed, sorted, with what of it changed', async () => {
    const before = [
      ...[file('same'), file('content', 'abc'), file('size', 'abc'), file('gone/x'), file('mode')],
      ...[
        file('owner'),
        symlink('link', 'a'),
        file('kind'),
        pax({ 'SCHILY.xattr.user.a': '1' }),
        file('attr'),
      ],
    ];
    const after = [
      ...[file('same'), file('content', 'abd'), file('size', 'abcd'), file('mode', 'mode', { mode: 0o4755 })],
      ...[file('owner', 'owner', { gid: 5 }), symlink('link', 'b'), folder('kind/'), file('kind/new')],
      ...[pax({ 'SCHILY.xattr.user.a': '2' }), file('attr')],
    ];
    expect(await compared(before, after)).toEqual([
      'changed /attr xattrs',
      'changed /content content',
      'removed /gone',
      'removed /gone/x',
      'changed /kind type,mode',
      'added /kind/new',
      'changed /link link',
      'changed /mode mode',
      'changed /owner owner',
      'changed /size size,content',
    ]);
  });

  it('compares times only where it is asked to', async () => {
    const [before, after] = [[file('a', 'a', { mtime: 1 })], [file('a', 'a', { mtime: 2 })]];
    expect(await compared(before, after)).toEqual([]);
    expect(await compared(before, after, true)).toEqual(['changed /a time']);
  });

  it('goes on from a tree that two share, and leaves it as it was', async () => {
    const below = await readRoot([layerOf(file('d/a'), file('d/b'))], { digests: true });
    const a = await readRoot([layerOf(file('d/.wh.a', ''))], { below, digests: true });
    const b = await readRoot([layerOf(file('d/b', 'other'), file('e'))], { below, digests: true });
    const paths = (from: typeof a, to: typeof a) =>
      [...compareRoots(from, to)].map(({ kind, path }) => `${kind} ${Buffer.from(path)}`);
    expect(paths(a, b)).toEqual(['added /d/a', 'changed /d/b', 'added /e']);
    expect(paths(below, a)).toEqual(['removed /d/a']);
    expect(paths(below, below)).toEqual([]);
  });
});

describe('a layer with its times clamped', () => {
  const entries = (mtime: number): readonly Buffer[] => [
    folder('d/', { mtime }),
    file('d/x', 'content', { mtime }),
    hardLink('d/y', 'd/x'),
    file('d/.wh.z', ''),
    symlink('s', 'd'),
  ];
  async function clamped(source: Buffer, latest: Date) {
    const layer = clampLayer(pieces(gzipSync(source)), latest);
    const archive = Buffer.concat(await Array.fromAsync(layer.tar));
    const times: number[] = [];
    for await (const event of readLayer(pieces(archive)))
      if (event.kind === 'entry') times.push(Number(event.entry.mtimeNs / 1_000_000_000n));
    return { archive, times, isChanged: layer.isChanged() };
  }

  it('has the same entries, none with a later time', async () => {
    const source = tar(...entries(1_700_000_000));
    const { archive, times, isChanged } = await clamped(source, new Date(1_500_000_000_000));
    expect(await lines(pieces(archive))).toEqual(await lines(pieces(source)));
    expect(times).toEqual(Array(5).fill(1_500_000_000));
    expect(isChanged).toBe(true);
  });

  it('says that nothing was changed where no time is later', async () => {
    const { times, isChanged } = await clamped(tar(...entries(1_000_000_000)), new Date(1_600_000_000_000));
    expect(times).toEqual([1_000_000_000, 1_000_000_000, ...Array(3).fill(1_600_000_000)]);
    expect(isChanged).toBe(false);
  });

  it('leaves access and change times out, which may be later too', async () => {
    const source = tar(pax({ atime: '1700000000.5', ctime: '1700000000' }), file('a', 'a', { mtime: 1 }));
    const { archive, isChanged } = await clamped(source, new Date(1_600_000_000_000));
    expect(isChanged).toBe(true);
    expect(archive.includes('atime')).toBe(false);
  });
});
