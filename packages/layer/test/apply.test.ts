// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parseDigest } from '@lading/image-spec';
import { getXattr, makeNode, setTimes, setXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppliedLayer, type ApplyOptions, applyLayer } from '../src/index.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';
import { treeOf } from './tree.ts';

let work = '';
let root = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-apply-'));
  root = join(work, 'layer');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}
const apply = (bytes: Buffer, options: ApplyOptions = {}): Promise<AppliedLayer> =>
  applyLayer(pieces(bytes), root, options);
const digest = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const text = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('a source', () => {
  const archive = tar(
    ...Array.from({ length: 40 }, (_, i) => entry({ name: `f${i}`, content: randomBytes(9000) })),
  );
  it.each([
    ['none', archive],
    ['gzip', gzipSync(archive)],
  ])('that takes chunks back may overwrite them, each once (%s)', async (_name, bytes) => {
    const out = new Set<Uint8Array>();
    let again = 0;
    async function* lent(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(bytes)) {
        const chunk = Buffer.from(piece);
        out.add(chunk);
        yield chunk;
      }
    }
    const recycle = (chunk: Uint8Array): void => {
      if (!out.delete(chunk)) again += 1;
      chunk.fill(0xee);
    };
    const { diffId } = await applyLayer(Object.assign(lent(), { recycle }), root);
    expect([diffId, again]).toEqual([digest(archive), 0]);
    expect(out.size).toBeLessThan(2); // the first bytes, by which the compression is told, may be kept
  });

  it('that verifies itself is not hashed again', async () => {
    const verifiedDigest = parseDigest(`sha256:${'a'.repeat(64)}`);
    expect(await apply(archive, { verifiedDigest })).toMatchObject({ compressedDigest: verifiedDigest });
  });
});

describe('archives side by side', () => {
  it('stay apart on the threads that they share, also where one of them is broken', async () => {
    const unpack = async (i: number): Promise<string> => {
      const folder = join(root, `${i}`);
      mkdirSync(folder);
      const content = randomBytes(50_000);
      const archive = tar(entry({ name: 'a', content }), entry({ name: i % 3 === 0 ? '../b' : 'b' }));
      const failure = await applyLayer(pieces(archive), folder).then(
        () => '',
        (error: unknown) => String(error),
      );
      if (i % 3 !== 0) expect(readFileSync(join(folder, 'a')).equals(content)).toBe(true);
      return failure === '' ? 'unpacked' : /leads out/.test(failure) ? 'refused' : failure;
    };
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => unpack(i)));
    expect(outcomes).toEqual(Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 'refused' : 'unpacked')));
    expect(readdirSync(root).length).toBe(12);
  });
});

describe('the result', () => {
  const archive = tar(
    entry({ name: 'b', uid: 1000, gid: 5, content: 'x'.repeat(5000) }),
    entry({ name: 'a', uid: 7, gid: 100 }),
    entry({ name: '.wh.gone', uid: 4242, gid: 4242 }),
    folder('d', { uid: 1000, gid: 5 }),
  );
  it.each([
    ['none', archive],
    ['gzip', gzipSync(archive)],
    ['zstd', zstdCompressSync(archive)],
    ['gzip', Buffer.concat([gzipSync(archive.subarray(0, 700)), gzipSync(archive.subarray(700))])],
  ] as const)('holds digests, sizes and owners (%s)', async (compression, bytes) => {
    expect(await apply(Buffer.from(bytes))).toEqual({
      diffId: digest(archive),
      diffSize: archive.length,
      compressedDigest: digest(bytes),
      compressedSize: bytes.length,
      compression,
      uids: [7, 1000],
      gids: [5, 100],
    });
  });

  it.each([
    ['bzip2', 'bzip2', ['-1']],
    ['xz', 'xz', ['-1', '--block-size=400000', '-T2']],
  ] as const)('is the same of what the tool %s packs', async (compression, program, options) => {
    const large = tar(entry({ name: 'noise', content: randomBytes(1 << 20) }), folder('d'));
    const bytes = execFileSync(program, [...options, '-c'], { input: large, maxBuffer: 1 << 26 });
    expect(await apply(bytes)).toMatchObject({
      diffId: digest(large),
      diffSize: large.length,
      compressedDigest: digest(bytes),
      compressedSize: bytes.length,
      compression,
    });
    expect(lstatSync(join(root, 'noise')).size).toBe(1 << 20);
  });

  it('counts what follows the end of the archive, and of the compressed stream', async () => {
    const trailing = Buffer.concat([archive, randomBytes(3000)]);
    const bytes = Buffer.concat([gzipSync(trailing), Buffer.alloc(100)]);
    expect(await apply(bytes)).toMatchObject({
      diffId: digest(trailing),
      compressedDigest: digest(bytes),
      compressedSize: bytes.length,
    });
  });

  it('is told of on the way, and leaves the chunks of the source alone', async () => {
    const chunk = new Uint8Array(archive);
    const seen: number[] = [];
    const source = (async function* () {
      yield chunk;
    })();
    await applyLayer(source, root, { onProgress: ({ current }) => seen.push(current) });
    expect(seen.at(-1)).toBe(archive.length);
    expect(chunk.byteLength).toBe(archive.length);
  });

  it('of an empty archive is an empty layer', async () => {
    expect(await apply(tar())).toMatchObject({ diffSize: 1024, uids: [], gids: [] });
    expect(treeOf(root)).toEqual([]);
  });
});

describe('whiteouts', () => {
  const lower = (): void => {
    for (const name of ['d/e', 'd/f', 'o/sub', 'p']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['d/e/x', 'd/y', 'o/old', 'o/sub/old', 'p/q', 'f'])
      writeFileSync(join(root, name), '');
  };
  const archive = tar(
    entry({ name: 'd/.wh.e', uid: 3, gid: 4 }),
    entry({ name: 'd/.wh.not-there' }),
    entry({ name: '.wh.f', content: 'a body that nobody needs' }),
    folder('o'),
    entry({ name: 'o/new' }),
    entry({ name: 'o/sub/new' }),
    entry({ name: 'o/.wh..wh..opq' }),
    entry({ name: '.wh..wh.aufs' }),
    entry({ name: '.wh..wh.plnk/12.34' }),
  );

  it('become devices and marks of overlay', async () => {
    await apply(archive);
    for (const name of ['d/e', 'd/not-there', 'f']) {
      expect(lstatSync(join(root, name))).toMatchObject({ rdev: 0, mode: 0o020000 });
    }
    expect(lstatSync(join(root, 'd/e'))).toMatchObject({ uid: 3, gid: 4 });
    expect(getXattr(join(root, 'o'), 'trusted.overlay.opaque')?.toString()).toBe('y');
    expect(getXattr(join(root, 'd'), 'trusted.overlay.opaque')).toBeUndefined();
    expect(treeOf(root).map((line) => line.split(' ')[0])).toEqual([
      'd',
      'd/e',
      'd/not-there',
      'f',
      'o',
      'o/new',
      'o/sub',
      'o/sub/new',
    ]);
  });

  it('remove what other layers have put there, and nothing of their own', async () => {
    lower();
    await apply(archive, { whiteouts: 'remove' });
    expect(treeOf(root).map((line) => line.split(' ')[0])).toEqual([
      'd',
      'd/f',
      'd/y',
      'o',
      'o/new',
      'o/sub',
      'o/sub/new',
      'p',
      'p/q',
    ]);
  });

  it.each(['overlay', 'remove'] as const)(
    'of AUFS for files of several names are needed until the end, and are not kept (%s)',
    async (whiteouts) => {
      await apply(
        tar(
          folder('.wh..wh.plnk'),
          entry({ name: '.wh..wh.plnk/7.8', content: 'shared', mode: 0o640, uid: 9 }),
          hardLink('one', '.wh..wh.plnk/7.8'),
          hardLink('two', '.wh..wh.plnk/7.8'),
          symlink('.wh..wh.plnk/s', '/etc'),
        ),
        { whiteouts },
      );
      expect(treeOf(root).map((line) => line.split(' ')[0])).toEqual(['one', 'two']);
      expect(text('one')).toBe('shared');
      expect(lstatSync(join(root, 'two'))).toMatchObject({ uid: 9, nlink: 2 });
    },
  );

  it('inside of a folder that is whited out itself are left out', async () => {
    await apply(tar(entry({ name: '.wh.d' }), entry({ name: 'd/.wh.x' }), entry({ name: 'd/.wh..wh..opq' })));
    expect(lstatSync(join(root, 'd')).isCharacterDevice()).toBe(true);
  });
});

describe('an entry', () => {
  it('of the root changes nothing of the folder', async () => {
    chmodSync(root, 0o555);
    const { mtimeMs } = lstatSync(root);
    await apply(tar(folder('./', { mode: 0o777, uid: 5 })));
    expect(lstatSync(root)).toMatchObject({ uid: 0, mode: 0o040555, mtimeMs });
  });

  it('brings its missing folders with it', async () => {
    await apply(tar(entry({ name: 'a/b/c', content: 'x' })));
    expect(lstatSync(join(root, 'a/b'))).toMatchObject({ mode: 0o040755, uid: 0 });
  });

  it('replaces what has its name, but a folder keeps what it holds', async () => {
    await apply(
      tar(
        folder('d'),
        entry({ name: 'd/f', content: '1' }),
        folder('d', { mode: 0o700, uid: 9 }),
        entry({ name: 'd/f', content: '2' }),
        folder('e'),
        entry({ name: 'e/f' }),
        entry({ name: 'e', content: 'now a file' }),
        symlink('s', 'd'),
        entry({ name: 's', type: '6' }),
      ),
    );
    expect(text('d/f')).toBe('2');
    expect(lstatSync(join(root, 'd'))).toMatchObject({ mode: 0o040700, uid: 9 });
    expect(text('e')).toBe('now a file');
    expect(lstatSync(join(root, 's')).isFIFO()).toBe(true);
  });

  it('keeps setuid, setgid and sticky bits although its owner is set', async () => {
    await apply(
      tar(
        entry({ name: 'suid', mode: 0o4755, uid: 8 }),
        folder('sgid', { mode: 0o2775, gid: 50 }),
        entry({ name: 'sgid/file' }),
        folder('sgid/folder'),
        folder('sticky', { mode: 0o1777 }),
        entry({ name: 'open', mode: 0o666 }),
      ),
    );
    const modes = (name: string): string => lstatSync(join(root, name)).mode.toString(8);
    expect(['suid', 'sgid', 'sgid/folder', 'sticky', 'open'].map(modes)).toEqual([
      '104755',
      '42775',
      '40755',
      '41777',
      '100666',
    ]);
    // The folder's group would be inherited.
    expect(lstatSync(join(root, 'sgid/file')).gid).toBe(0);
    expect(lstatSync(join(root, 'sgid/folder')).gid).toBe(0);
  });

  it('keeps its times, those of folders too, and has 1970 for times out of range', async () => {
    await apply(
      tar(
        folder('d', { mtime: 1_000_000_000 }),
        entry({ name: 'd/f', mtime: 1_100_000_000 }),
        symlink('d/s', 'x'),
        pax({ mtime: '1200000000.123456789', atime: '1100000000.5' }),
        entry({ name: 'd/ns' }),
        pax({ mtime: '1100000000.5', atime: '1200000000.25' }),
        entry({ name: 'd/atime' }),
        pax({ mtime: '-5.5' }),
        entry({ name: 'd/old' }),
        pax({ mtime: '99999999999' }),
        entry({ name: 'd/late' }),
      ),
    );
    const times = (name: string): bigint[] => {
      const { atimeNs, mtimeNs } = lstatSync(join(root, name), { bigint: true });
      return [atimeNs, mtimeNs];
    };
    const second = 1_000_000_000n;
    expect(times('d')).toEqual([second * 1_000_000_000n, second * 1_000_000_000n]);
    expect(times('d/f')[1]).toBe(1_100_000_000n * second);
    expect(times('d/s')[1]).toBe(1_600_000_000n * second);
    expect(times('d/ns')).toEqual([1_200_000_000_123_456_789n, 1_200_000_000_123_456_789n]);
    expect(times('d/atime')).toEqual([1_200_000_000_250_000_000n, 1_100_000_000_500_000_000n]);
    expect(times('d/old')[1]).toBe(0n);
    expect(times('d/late')[1]).toBe(0n);
  });

  it('keeps extended attributes, but no labels of SELinux and no marks of overlay', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const attributes = {
      'SCHILY.xattr.security.capability': capability,
      'SCHILY.xattr.user.empty': '',
      'SCHILY.xattr.user.bytes': Buffer.from([0, 10, 255]),
      'SCHILY.xattr.security.selinux': 'label',
      'SCHILY.xattr.trusted.overlay.redirect': '/etc',
      'SCHILY.xattr.nonsense.x': 'not supported by any file system',
    };
    await apply(tar(pax(attributes), entry({ name: 'f', uid: 5 }), pax(attributes), folder('d')));
    for (const name of ['f', 'd']) {
      const of = (key: string): Buffer | undefined => getXattr(join(root, name), key);
      expect(of('security.capability')).toEqual(capability);
      expect(of('user.empty')).toEqual(Buffer.alloc(0));
      expect(of('user.bytes')).toEqual(Buffer.from([0, 10, 255]));
      expect(of('trusted.overlay.redirect')).toBeUndefined();
    }
  });

  it('may have a name that is not UTF-8, long, or odd', async () => {
    const odd = Buffer.from([0x61, 0xff, 0xfe, 0x2f, 0x80]);
    const long = `${'l'.repeat(200)}/${'m'.repeat(200)}`;
    await apply(
      tar(
        entry({ name: odd, content: 'odd' }),
        entry({ name: '././@LongLink', type: 'L', content: `${long}\0` }),
        entry({ name: 'short', content: 'gnu' }),
        pax({ path: `${long}.pax` }),
        entry({ name: 'short', content: 'pax' }),
        hardLink('new\nline', 'back\\slash'),
      )
        .subarray(0, -1024)
        .subarray(0, -512),
    );
    expect(readFileSync(Buffer.concat([Buffer.from(`${root}/`), odd]), 'utf8')).toBe('odd');
    expect(text(long)).toBe('gnu');
    expect(text(`${long}.pax`)).toBe('pax');
    await apply(
      tar(
        entry({ name: odd, content: 'again' }),
        folder(odd),
        entry({ name: 'back\\slash' }),
        hardLink('new\nline', 'back\\slash'),
      ),
    );
    expect(lstatSync(Buffer.concat([Buffer.from(`${root}/`), odd])).isDirectory()).toBe(true);
    expect(existsSync(join(root, 'new\nline'))).toBe(true);
    await apply(tar(entry({ name: Buffer.concat([odd, odd]) }), entry({ name: odd.subarray(0, 3) })));
    expect(lstatSync(Buffer.concat([Buffer.from(`${root}/`), odd.subarray(0, 3)])).isFile()).toBe(true);
  });

  it('is a folder only where the old form says so by a slash, not where a cut name ends in one', async () => {
    const name = `${'n'.repeat(99)}/rest`;
    await apply(
      tar(
        entry({ name: 'old/', type: '\0', magic: '\0' }),
        pax({ path: name }),
        entry({ name, content: 'x' }),
      ),
    );
    expect(lstatSync(join(root, 'old')).isDirectory()).toBe(true);
    expect(text(name)).toBe('x');
  });

  it('global pax header has no effect', async () => {
    await apply(tar(pax({ path: 'evil', uid: '77' }, 'g'), entry({ name: 'f' })));
    expect(treeOf(root).map((line) => line.split(' ')[0])).toEqual(['f']);
  });
});

describe('archives of other programs', () => {
  const make = (source: string): void => {
    mkdirSync(join(source, `deep/${'d'.repeat(90)}/${'e'.repeat(90)}`), { recursive: true });
    const path = (name: string): string => join(source, name);
    writeFileSync(path('file'), randomBytes(100_000));
    writeFileSync(path('empty'), '', { mode: 0o600 });
    writeFileSync(path(`deep/${'d'.repeat(90)}/${'e'.repeat(90)}/long`), 'long');
    writeFileSync(Buffer.concat([Buffer.from(path('odd-')), Buffer.from([0xff])]), 'odd');
    writeFileSync(path('name with blank \\ and "quotes"'), 'x');
    linkSync(path('file'), path('hard'));
    symlinkSync(`../${'t'.repeat(150)}`, path('sym'));
    symlinkSync('file', path('short-sym'));
    makeNode(path('fifo'), { type: 'fifo', mode: 0o640 });
    makeNode(path('null'), { type: 'char', mode: 0o666, major: 1, minor: 3 });
    makeNode(path('disk'), { type: 'block', mode: 0o660, major: 259, minor: 70_000 });
    writeFileSync(path('suid'), 'suid');
    execFileSync('chown', ['3000000:77', path('suid'), path('fifo')]);
    chmodSync(path('suid'), 0o4711);
    setXattr(path('file'), 'user.note', Buffer.from([1, 0, 2]));
    setXattr(
      path('suid'),
      'security.capability',
      Buffer.from('0100000200040000000000000000000000000000', 'hex'),
    );
    for (const name of ['file', 'empty', 'sym', 'null', 'fifo', 'deep']) {
      setTimes(path(name), { atimeNs: 1_500_000_000_000_000_000n, mtimeNs: 1_500_000_000_000_000_000n });
    }
  };

  it.each([
    ['GNU tar in its own form', 'tar', ['--format=gnu']],
    ['GNU tar in pax', 'tar', ['--format=pax', '--xattrs', '--xattrs-include=*']],
    [
      'GNU tar in pax without times',
      'tar',
      ['--format=pax', '--pax-option=delete=atime,delete=ctime', '--numeric-owner'],
    ],
    ['GNU tar without blocking', 'tar', ['--format=pax', '--blocking-factor=1']],
    ['bsdtar in the form of GNU', 'bsdtar', ['--format=gnutar']],
    ['bsdtar in pax', 'bsdtar', ['--format=pax', '--no-acls', '--no-fflags']],
  ])('%s come out as that program extracts them', async (_name, program, options) => {
    const source = join(work, 'source');
    const reference = join(work, 'reference');
    mkdirSync(source);
    mkdirSync(reference);
    make(source);
    const archive = execFileSync(program, ['-C', source, ...options, '-cf', '-', '.'], {
      maxBuffer: 1 << 26,
    });
    const all = program === 'tar' ? ['--xattrs', '--xattrs-include=*'] : ['--xattrs'];
    execFileSync(program, ['-C', reference, '-xpf', '-', '--numeric-owner', ...all], { input: archive });
    await apply(archive);
    expect(treeOf(root)).toEqual(treeOf(reference));
    expect(treeOf(root).length).toBeGreaterThan(12);
  });
});

describe('an archive that is no layer', () => {
  it('may have names that stand for removals, which are names then', async () => {
    writeFileSync(join(root, 'kept'), 'kept');
    await apply(tar(entry({ name: '.wh.kept', content: 'a file' })), { whiteouts: 'none' });
    expect([text('kept'), text('.wh.kept')]).toEqual(['kept', 'a file']);
  });

  it('gives its files to the owner that is wanted', async () => {
    const archive = tar(folder('d/', { uid: 5, gid: 6 }), entry({ name: 'd/f', uid: 7, gid: 8 }));
    await apply(archive, {
      owner: { uid: 10, gid: 20 },
      uidMap: [{ containerId: 0, hostId: 1000, size: 50 }],
    });
    for (const name of ['d', 'd/f']) {
      const { uid, gid } = lstatSync(join(root, name));
      expect([uid, gid]).toEqual([1010, 20]);
    }
  });

  it.each([
    [
      'a file',
      'a folder',
      tar(entry({ name: 'x', content: 'new' })),
      () => mkdirSync(join(root, 'x/y'), { recursive: true }),
    ],
    ['a link', 'a folder', tar(symlink('x', 'there')), () => mkdirSync(join(root, 'x'))],
    ['a folder', 'a file', tar(folder('x/')), () => writeFileSync(join(root, 'x'), 'old')],
  ])('does not put %s in the place of %s unless it may', async (_new, _old, archive, make) => {
    make();
    const before = treeOf(root);
    await expect(apply(archive, { replaceKinds: false })).rejects.toMatchObject({ reason: 'KIND_CHANGES' });
    expect(treeOf(root)).toEqual(before);
    await apply(archive);
    expect(treeOf(root)).not.toEqual(before);
  });
});
