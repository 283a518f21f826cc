// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostilePlace, makeHostilePlace } from './hostile-place.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';
import { treeOf } from './tree.ts';

// Faults that others have had in public. Each case does what the advisory's attack did, with the aim next to the layer.

describe.each(['chroot', 'walk'] as const)('kept inside by %s,', (confinement) => {
  let place: HostilePlace;
  beforeEach(() => {
    place = makeHostilePlace(confinement);
  });
  afterEach(() => {
    using _ended = place;
    place.expectNothingTouched();
  });
  const text = (name: string): string => readFileSync(join(place.root, name), 'utf8');

  /** What becomes of it: names that are there afterwards, or the name that the error gives. */
  type Outcome = { readonly made: readonly string[] } | { readonly refused: string };
  const cases: [id: string, attack: string, entries: (outside: string) => Buffer[], outcome: Outcome][] = [
    [
      'docker, CVE-2014-6407',
      'a link and then a hard link through it reach a file of the machine',
      (outside) => [symlink('door', outside), hardLink('h', 'door/precious')],
      { refused: 'door/precious' },
    ],
    [
      'docker, CVE-2014-9356',
      'an absolute link is written through',
      (outside) => [symlink('volume', outside), entry({ name: 'volume/evil', content: 'x' })],
      { refused: 'volume/evil' },
    ],
    [
      'docker, CVE-2015-3627 and 3630',
      'a link to /proc is opened before the root is changed',
      () => [symlink('proc', '/proc'), entry({ name: 'proc/self/attr/exec', content: 'x' })],
      { refused: 'proc/self/attr/exec' },
    ],
    [
      'moby, CVE-2021-41089',
      'a folder over a link changes the mode of what the link leads to',
      (outside) => [symlink('d', join(outside, 'full')), folder('d', { mode: 0o777, uid: 4 })],
      { made: ['d'] },
    ],
    [
      'containerd, CVE-2021-32760 (GHSA-c72p-9xmj-rx3w)',
      'the mode of a hard link to a link is set on what the link leads to',
      (outside) => [
        symlink('s', join(outside, 'precious')),
        entry({ name: 'h', type: '1', link: 's', mode: 0o777 }),
      ],
      { made: ['h', 's'] },
    ],
    [
      'containerd, CVE-2022-23648 (GHSA-crp2-qrr5-8pq7)',
      'a path with .. behind a folder that is not there is cleaned before it is checked',
      () => [entry({ name: 'missing/../../outside/evil' })],
      { refused: 'missing/../../outside/evil' },
    ],
    [
      'podman, CVE-2019-10152',
      'the last part of a path is a link to a folder outside',
      (outside) => [symlink('target', join(outside, 'full')), entry({ name: 'target', content: 'x' })],
      { made: ['target'] },
    ],
    [
      'podman, CVE-2019-18466',
      'a link with many .. is resolved on the machine',
      (outside) => [
        symlink('up', '../'.repeat(15) + outside.slice(1)),
        entry({ name: 'up/evil', content: 'x' }),
      ],
      { refused: 'up/evil' },
    ],
    [
      'podman, CVE-2022-4122',
      'an ignore file is a link to a secret: nothing is read through it',
      (outside) => [symlink('.dockerignore', join(outside, 'precious')), hardLink('leak', '.dockerignore')],
      { made: ['.dockerignore', 'leak'] },
    ],
    [
      'containers/storage, CVE-2024-9676',
      'etc/passwd is a link to a file of the machine',
      (outside) => [
        folder('etc'),
        symlink('etc/passwd', join(outside, 'precious')),
        entry({ name: 'etc/passwd', content: 'x' }),
      ],
      { made: ['etc', 'etc/passwd'] },
    ],
    [
      'buildah, CVE-2024-1753',
      'the root of the layer is given as a link',
      () => [symlink('.', '/'), symlink('./', '/'), entry({ name: 'f' })],
      { made: ['f'] },
    ],
    [
      'node-tar, CVE-2018-20834',
      'a hard link to a file outside, and then a file of the same name',
      (outside) => [
        hardLink('x', join('/', outside, 'precious')),
        entry({ name: 'x', content: 'overwritten' }),
      ],
      { refused: 'precious' },
    ],
    [
      'node-tar, CVE-2021-32803',
      'a folder that is known to be one is replaced by a link',
      (outside) => [folder('x'), symlink('x', outside), entry({ name: 'x/evil', content: 'x' })],
      { refused: 'x/evil' },
    ],
    [
      'node-tar, CVE-2021-32804',
      'an absolute path begins with several slashes',
      () => [entry({ name: '////outside/evil', content: 'x' })],
      { made: ['outside', 'outside/evil'] },
    ],
    [
      'node-tar, CVE-2021-37701',
      'a link with a backslash takes the place of a folder in what is known',
      (outside) => [
        folder('a'),
        folder('a\\b'),
        symlink('a\\b', outside),
        entry({ name: 'a\\b/evil', content: 'x' }),
      ],
      { refused: 'a\\\\b/evil' },
    ],
    [
      'node-tar, CVE-2021-37712',
      'names that are the same after normalization are a folder and a link',
      (outside) => [
        folder('caf\u00e9'),
        symlink('cafe\u0301', outside),
        entry({ name: 'cafe\u0301/evil', content: 'x' }),
      ],
      { refused: 'evil' },
    ],
    [
      'node-tar, CVE-2021-37713',
      'a path is relative to a drive',
      () => [entry({ name: 'C:../outside/evil', content: 'x' })],
      { made: ['C:..', 'C:../outside', 'C:../outside/evil'] },
    ],
    [
      'node-tar, CVE-2024-28863',
      'a path has thousands of folders',
      () => [pax({ path: `${'d/'.repeat(5000)}f` }), entry({ name: 'x' })],
      { refused: 'd/d/d' },
    ],
    [
      'node-tar, CVE-2026-23745',
      'a hard link with an absolute target is not made relative',
      (outside) => [hardLink('h', join(outside, 'precious')), entry({ name: 'h', content: 'x' })],
      { refused: 'precious' },
    ],
    [
      'tar-fs, CVE-2018-20835',
      'a hard link to a link is overwritten',
      (outside) => [
        symlink('s', join(outside, 'precious')),
        hardLink('h', 's'),
        entry({ name: 's', content: 'x' }),
      ],
      { made: ['h', 's'] },
    ],
    [
      'tar-fs, CVE-2024-12905',
      'a link to a link climbs out',
      () => [
        symlink('a', '.'),
        symlink('b', 'a/..'),
        symlink('c', 'b/../outside'),
        entry({ name: 'c/evil', content: 'x' }),
      ],
      { refused: 'c/evil' },
    ],
    [
      'tar-fs, CVE-2025-48387',
      'a folder, a link below it and a file below that are aimed one level too high',
      () => [
        folder('root'),
        symlink('root/link', '../../outside'),
        entry({ name: 'root/link/evil', content: 'x' }),
      ],
      { refused: 'root/link/evil' },
    ],
    [
      'tar-fs, CVE-2025-59343',
      'a link leads to a folder whose name begins as the one of the layer does',
      () => [symlink('x', '../layer-2'), entry({ name: 'x/evil', content: 'x' })],
      { refused: 'x/evil' },
    ],
    [
      'GNU tar, CVE-2001-1267',
      'a name has .. at its beginning',
      () => [entry({ name: '../outside/precious', content: 'x' })],
      { refused: '../outside/precious' },
    ],
    [
      'GNU tar, CVE-2002-0399',
      'a name has .. behind a slash and a dot',
      () => [entry({ name: '/./../outside/precious', content: 'x' })],
      { refused: '/./../outside/precious' },
    ],
    [
      'GNU tar, CVE-2016-6321',
      'a name is cut behind its .. and then names another file',
      () => [entry({ name: 'etc/motd/../etc/shadow', content: 'x' })],
      { made: ['etc', 'etc/etc', 'etc/etc/shadow'] },
    ],
    [
      'GNU tar, CVE-2006-0300',
      'a pax header has a size beyond all numbers',
      () => [pax({ size: '18446744073709551615' }), entry({ name: 'big' })],
      { refused: 'big' },
    ],
    [
      'GNU tar, CVE-2006-6097',
      'an entry of the type N makes links by a list of its own',
      (outside) => [entry({ name: 'list', type: 'N', content: `Symlink ${outside} to door\n` })],
      { refused: 'list' },
    ],
    [
      'GNU tar, CVE-2019-9923',
      'a sparse file has a pax header without its map',
      () => [pax({ 'GNU.sparse.major': '0', 'GNU.sparse.minor': '1' }), entry({ name: 'sparse' })],
      { refused: 'sparse' },
    ],
    [
      'GNU tar, CVE-2022-48303',
      'a time is nothing but blanks',
      () => {
        const made = entry({ name: 'blank' });
        made.fill(' ', 136, 156);
        const sum = made.subarray(0, 512).reduce((total, byte) => total + byte, 0);
        made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
        return [made];
      },
      { made: ['blank'] },
    ],
    [
      'GNU tar, CVE-2025-45582',
      'a link of an earlier archive is written through by a later one',
      (outside) => [symlink('x', outside), tar().subarray(0, 0), entry({ name: 'x/precious', content: 'x' })],
      { refused: 'x/precious' },
    ],
    [
      'libarchive, CVE-2016-5418',
      'a hard link brings content, which is written to its target',
      (outside) => [
        symlink('s', join(outside, 'precious')),
        entry({ name: 'h', type: '1', link: 's', size: 0 }),
        entry({ name: 'h2', type: '1', link: 's', content: '' }),
      ],
      { made: ['h', 'h2', 's'] },
    ],
    [
      'Go archive/tar, CVE-2022-2879',
      'a header has gigabytes of records',
      () => [entry({ name: 'huge', type: 'x', size: 2 ** 32 })],
      { refused: 'huge' },
    ],
    [
      'Python tarfile, CVE-2007-4559',
      'a name leads out of the folder',
      () => [entry({ name: 'x/../../outside/precious', content: 'x' })],
      { refused: 'x/../../outside/precious' },
    ],
    [
      'Python tarfile, CVE-2025-4517',
      'a path is longer than can be resolved at once, behind a chain of links',
      () => {
        const long = 'd'.repeat(240);
        const steps = [...'abcdefghijklmnop'];
        const chain = steps.flatMap((step, i) => {
          const parent = `${steps.slice(0, i).join('/')}${i > 0 ? '/' : ''}`;
          return [
            pax({ path: `${parent}${long}` }),
            folder('cut'),
            pax({ path: `${parent}${step}`, linkpath: long }),
            symlink('cut', 'x'),
          ];
        });
        return [
          ...chain,
          pax({ path: `${steps.join('/')}/out`, linkpath: `${'../'.repeat(20)}outside` }),
          symlink('cut', 'x'),
          pax({ path: `${steps.join('/')}/out/evil` }),
          entry({ name: 'cut', content: 'x' }),
        ];
      },
      { refused: 'out/evil' },
    ],
    [
      'tokio-tar, CVE-2025-62518',
      'the size in a pax header is another than in the header, and an archive lies in between',
      () => {
        const inner = tar(entry({ name: 'smuggled', content: 'x' }));
        return [pax({ size: String(inner.length) }), entry({ name: 'nested', content: inner, size: 0 })];
      },
      { made: ['nested'] },
    ],
  ];
  it.each(cases)('%s: %s', async (_id, _attack, entries, outcome) => {
    const result = await place.apply(tar(...entries(place.outside))).catch((error: unknown) => error);
    if ('refused' in outcome) {
      expect(result).toMatchObject({
        name: 'LadingError',
        message: expect.stringContaining(outcome.refused),
      });
    } else {
      expect(result).toMatchObject({ diffId: expect.stringMatching(/^sha256:/) });
      expect(treeOf(place.root).map((line) => line.split(' ')[0])).toEqual(outcome.made);
    }
  });

  it('docker, CVE-2014-9357: a layer of xz brings a program named xz, which is not run', async () => {
    const program = entry({
      name: 'usr/bin/xz',
      mode: 0o755,
      content: `#!/bin/sh\necho > ${place.outside}/evil\n`,
    });
    const first = execFileSync('xz', ['-c'], { input: tar(program), env: process.env });
    await place.apply(first);
    await place.apply(execFileSync('xz', ['-c'], { input: tar(entry({ name: 'f' })), env: process.env }));
    expect(lstatSync(join(place.root, 'usr/bin/xz')).mode & 0o111).toBe(0o111);
  });

  it('docker, CVE-2017-14992: what follows the end of an archive is not gathered in memory', async () => {
    const before = process.memoryUsage().rss;
    const padding = execFileSync('sh', ['-c', 'head -c 400000000 /dev/zero | gzip -1'], {
      maxBuffer: 1 << 24,
    });
    await place.apply(Buffer.concat([execFileSync('gzip', { input: tar() }), padding]));
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20);
  }, 60_000);

  it('docker, CVE-2018-15664: a folder is exchanged for a link again and again while it is written to', async () => {
    const { root, outside } = place;
    mkdirSync(join(root, 'd'));
    let isOver = false;
    const entries = Array.from({ length: 3000 }, (_, i) => entry({ name: `d/file${i}`, content: 'x' }));
    const applied = place.apply(tar(...entries)).catch((error: unknown) => error);
    const ended = applied.then(() => {
      isOver = true;
    });
    let turns = 0;
    while (!isOver) {
      for (let i = 0; i < 50; i++) {
        try {
          renameSync(join(root, 'd'), join(root, `e${turns}`));
          symlinkSync(outside, join(root, 'd'));
          unlinkSync(join(root, 'd'));
          renameSync(join(root, `e${turns}`), join(root, 'd'));
          turns += 1;
        } catch {
          turns += 1; // the extraction has made its folder meanwhile
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    expect(turns).toBeGreaterThan(0);
  }, 60_000);

  it('docker, CVE-2019-14271: no library of the layer is loaded', async () => {
    await place.apply(
      tar(
        entry({ name: 'etc/nsswitch.conf', content: 'passwd: evil\nhosts: evil\n' }),
        entry({ name: 'etc/ld.so.preload', content: '/lib/evil.so\n' }),
        entry({ name: 'lib/x86_64-linux-gnu/libnss_evil.so.2', mode: 0o755, content: 'not a library' }),
        entry({ name: 'lib/evil.so', mode: 0o755, content: 'not a library' }),
        entry({ name: 'f', uid: 4242 }),
      ),
    );
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain(place.root);
  });

  it('containers/storage, CVE-2021-20291: a layer of xz that is broken is not waited for', async () => {
    const packed = execFileSync('xz', ['-c'], {
      input: tar(entry({ name: 'f', content: 'x'.repeat(9000) })),
    });
    await expect(place.apply(packed.subarray(0, packed.length - 30))).rejects.toMatchObject({
      code: 'data_loss',
    });
    await expect(
      place.apply(execFileSync('xz', ['-c'], { input: Buffer.from('this is no archive'.repeat(99)) })),
    ).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('libarchive, CVE-2016-5418: content behind a hard link is taken for headers, and refused', async () => {
    writeFileSync(join(place.root, 'target'), 'first');
    const archive = tar(entry({ name: 'h', type: '1', link: 'target', content: 'overwritten', size: 11 }));
    await expect(place.apply(archive)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(text('target')).toBe('first');
  });
});
