// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { getXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostilePlace, makeHostilePlace } from './hostile-place.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';
import { treeOf } from './tree.ts';

describe.each(['chroot', 'walk'] as const)('kept inside by %s,', (confinement) => {
  let place: HostilePlace;
  beforeEach(() => {
    place = makeHostilePlace(confinement);
  });
  afterEach(() => {
    using _ended = place;
    place.expectNothingTouched();
  });
  const names = (): string[] => treeOf(place.root).map((line) => line.split(' ')[0] ?? '');
  const text = (name: string): string => readFileSync(join(place.root, name), 'utf8');
  const refusal = (named: string, reason = /./): object => ({
    name: 'LadingError',
    message: expect.stringContaining(named),
    reason: expect.stringMatching(reason),
  });

  describe('a name', () => {
    it('of 64 KiB is refused, and its beginning is named', async () => {
      const name = `${'n'.repeat(200)}/`.repeat(326);
      await expect(place.apply(tar(pax({ path: name }), entry({ name: 'x' })))).rejects.toMatchObject(
        refusal('nnnnnnnn', /LAYER_LIMIT/),
      );
      await expect(
        place.apply(tar(entry({ name: 'L', type: 'L', content: `${name}\0` }), entry({ name: 'x' }))),
      ).rejects.toMatchObject(refusal('nnnnnnnn', /LAYER_LIMIT/));
    });

    it('as deep as a path can be is made', async () => {
      const name = `${'d/'.repeat(1900)}f`;
      await place.apply(tar(pax({ path: name }), entry({ name: 'x', content: 'deep' })));
      let depth = 0;
      // Too deep for one path from outside: walked from folder to folder.
      for (let at = join(place.root, 'd'); depth < 200; depth++) {
        expect(readdirSync(at)).toEqual(['d']);
        at = join(at, 'd');
      }
    });

    it.each([
      ['that is not UTF-8', Buffer.from([0x66, 0xff, 0xc0, 0xaf])],
      ['with an overlong slash, which is no slash', Buffer.from('..\xc0\xaf..\xc0\xafoutside', 'latin1')],
      ['with a backslash, which is no slash', Buffer.from('..\\..\\outside')],
      ['with a colon and a drive', Buffer.from('C:\\evil')],
      ['with a newline and a colour', Buffer.from('a\n\x1b[31m')],
      ['of three dots', Buffer.from('...')],
    ])('%s is that name', async (_name, name) => {
      await place.apply(tar(entry({ name, content: 'x' })));
      expect(readdirSync(place.root, { encoding: 'buffer' })).toEqual([name]);
    });

    it.each([
      ['./a', 'a'],
      ['//a', 'a'],
      ['/../a'.slice(3), 'a'],
      ['././/b/..//a', 'a'],
      ['a/.', 'a'],
    ])('%s is %s', async (name, cleaned) => {
      await place.apply(tar(entry({ name, content: 'x' })));
      expect(text(cleaned)).toBe('x');
    });

    it.each([
      ['/../a', '/../a'],
      ['a/../../b', 'a/../../b'],
      ['./../a', './../a'],
      ['a/b/../../../layer2', 'a/b/../../../layer2'],
      ['..', '..'],
      ['../', '../'],
      ['.wh...', '.wh...'],
      ['../.wh.outside', '../.wh.outside'],
      ['../outside/.wh..wh..opq', '../outside'],
    ])('%s is refused', async (name, named) => {
      await expect(place.apply(tar(entry({ name })))).rejects.toMatchObject(refusal(named, /^TAR_/));
    });

    it('with a newline or a colour stands in messages without them', async () => {
      const error: unknown = await place
        .apply(tar(entry({ name: '../\n\x1b[31mevil' })))
        .catch((e: unknown) => e);
      expect(error).toMatchObject(refusal('evil'));
      for (const raw of ['\n', '\x1b']) expect(String(error)).not.toContain(raw);
    });
  });

  describe('a link', () => {
    it('may lead anywhere, and is kept as it is', async () => {
      const targets = [
        '/etc/shadow',
        '../../../../etc/shadow',
        '/proc/self/root',
        '.',
        '..',
        'x'.repeat(4000),
      ];
      await place.apply(
        tar(...targets.flatMap((target, i) => [pax({ linkpath: target }), symlink(`s${i}`, 'cut')])),
      );
      expect(targets.map((_target, i) => readlinkSync(join(place.root, `s${i}`)))).toEqual(targets);
    });

    it.each([
      ['out of the layer by ..', '../../outside'],
      ['to the root of the machine', '/'],
      ['through the descriptors of this process', '/proc/self/fd'],
      ['through the root of this process', '/proc/self/root'],
      ['through the working directory of this process', '/proc/self/cwd'],
      ['to itself', 'door'],
    ])('%s lets nothing out that is written through it', async (_name, target) => {
      await place
        .apply(
          tar(
            symlink('door', target),
            entry({ name: 'door/outside/evil', content: 'x' }),
            entry({ name: 'door/precious', content: 'x' }),
            entry({ name: 'door/.wh.precious' }),
            folder('door/full', { mode: 0o777, uid: 5 }),
          ),
        )
        .catch((error: unknown) => expect(error).toMatchObject(refusal('door')));
    });

    it('over a chain of links stays inside', async () => {
      const { outside } = place;
      await place
        .apply(
          tar(
            symlink('one', '..'),
            symlink('two', 'one/..'),
            symlink('three', `two/../..${outside}`),
            entry({ name: 'three/evil', content: 'x' }),
          ),
        )
        .catch((error: unknown) => expect(error).toMatchObject(refusal('three/evil')));
    });

    it('that changes its aim between two entries stays inside', async () => {
      const { outside } = place;
      await place.apply(
        tar(
          folder('safe'),
          symlink('door', 'safe'),
          entry({ name: 'door/one', content: '1' }),
          symlink('door', outside),
          folder(outside.slice(1)),
          entry({ name: 'door/precious', content: 'overwritten' }),
        ),
      );
      expect(text('safe/one')).toBe('1');
      expect(readFileSync(join(place.root, outside, 'precious'), 'utf8')).toBe('overwritten');
    });

    it('to a link by a hard link is that link, not what it leads to', async () => {
      await place.apply(
        tar(
          symlink('s', join(place.outside, 'precious')),
          hardLink('h', 's'),
          entry({ name: 'h', content: 'mine' }),
        ),
      );
      expect(text('h')).toBe('mine');
      expect(lstatSync(join(place.root, 's')).isSymbolicLink()).toBe(true);
    });

    it('written through a hard link of it changes no file but that of the layer', async () => {
      await place.apply(
        tar(
          entry({ name: 'f', content: 'first' }),
          hardLink('h', 'f'),
          entry({ name: 'h', content: 'second' }),
          entry({ name: 'f', mode: 0o4755, content: 'third' }),
        ),
      );
      expect([text('f'), text('h')]).toEqual(['third', 'second']);
    });

    it.each([
      ['to a folder', [folder('d'), hardLink('h', 'd')], 'h'],
      ['to itself', [hardLink('h', 'h')], 'h'],
      ['to nothing', [hardLink('h', '')], 'h'],
      ['to the root', [hardLink('h', '/')], 'h'],
      ['to a file of the machine', [hardLink('h', '/etc/passwd')], 'etc/passwd'],
      ['to a later entry', [hardLink('h', 'f'), entry({ name: 'f' })], 'h'],
      ['below a file', [entry({ name: 'f' }), hardLink('h', 'f/x')], 'h'],
    ])('of the hard kind %s is refused', async (_name, entries, named) => {
      await expect(place.apply(tar(...entries))).rejects.toMatchObject(refusal(named));
    });
  });

  describe('an entry that comes twice', () => {
    const kinds: [string, Buffer, (path: string) => boolean][] = [
      ['a file', entry({ name: 'x', content: 'file' }), (path) => lstatSync(path).isFile()],
      ['a folder', folder('x'), (path) => lstatSync(path).isDirectory()],
      ['a link', symlink('x', '/etc'), (path) => lstatSync(path).isSymbolicLink()],
      ['a FIFO', entry({ name: 'x', type: '6' }), (path) => lstatSync(path).isFIFO()],
      ['a device', entry({ name: 'x', type: '3' }), (path) => lstatSync(path).isCharacterDevice()],
      [
        'a hard link',
        Buffer.concat([entry({ name: 'y' }), hardLink('x', 'y')]),
        (path) => lstatSync(path).nlink === 2,
      ],
      ['a whiteout', entry({ name: '.wh.x' }), (path) => lstatSync(path).isCharacterDevice()],
    ];
    it.each(
      kinds.flatMap(([first, one]) =>
        kinds.map(([second, other, is]) => ({ first, second, one, other, is })),
      ),
    )('first as $first, then as $second, is the latter', async ({ one, other, is }) => {
      await place.apply(tar(folder('x'), entry({ name: 'x/inner' }), one, other));
      expect(is(join(place.root, 'x'))).toBe(true);
    });
  });

  describe('a whiteout', () => {
    it('of a link removes the link', async () => {
      await place.apply(tar(symlink('s', place.outside), entry({ name: '.wh.s' })), { whiteouts: 'remove' });
      expect(names()).toEqual([]);
    });

    it('below a link removes what lies inside, or nothing', async () => {
      const inner = place.outside.slice(1);
      await place.apply(
        tar(
          folder(inner),
          entry({ name: `${inner}/precious` }),
          symlink('door', place.outside),
          entry({ name: 'door/.wh.precious' }),
        ),
        { whiteouts: 'remove' },
      );
      expect(names()).toContain('door');
      expect(names()).not.toContain(`${inner}/precious`);
    });

    it.each([
      '.wh..wh..opq',
      'door/.wh..wh..opq',
      'file/.wh..wh..opq',
      'not/there/.wh..wh..opq',
      '.wh..wh..opq/x',
    ])('of everything, as %s, removes nothing that it does not mean', async (name) => {
      await place
        .apply(tar(symlink('door', place.outside), entry({ name: 'file' }), entry({ name })), {
          whiteouts: 'remove',
        })
        .catch((error: unknown) => expect(error).toMatchObject(refusal(name)));
      expect(names().filter((found) => !found.startsWith('not'))).toEqual(['door', 'file']);
    });

    it('of everything below a link to a folder marks that folder', async () => {
      await place.apply(tar(folder('d'), symlink('door', '/d'), entry({ name: 'door/.wh..wh..opq' })));
      expect(getXattr(join(place.root, 'd'), 'trusted.overlay.opaque')?.toString()).toBe('y');
      expect(getXattr(join(place.root, 'door'), 'trusted.overlay.opaque')).toBeUndefined();
    });

    it('of everything as the first entry marks the layer itself', async () => {
      await place.apply(tar(entry({ name: '.wh..wh..opq' })));
      expect(getXattr(place.root, 'trusted.overlay.opaque')?.toString()).toBe('y');
    });

    it.each(['.wh.a/b', '.wh.', '.wh..', '.wh...', 'd/.wh...', 'd/.wh..'])(
      'named %s is refused, or is a folder',
      async (name) => {
        await place
          .apply(tar(folder('d'), entry({ name })))
          .catch((error: unknown) => expect(error).toMatchObject(refusal(name, /TAR_WHITEOUT/)));
        expect(names()[0]?.startsWith('..')).not.toBe(true);
      },
    );
  });

  describe('a device', () => {
    it('is made inside, with its numbers, and is not opened', async () => {
      await place.apply(
        tar(
          entry({ name: 'disk', type: '4', mode: 0o777 }),
          entry({ name: 'disk', content: 'a file now' }),
          entry({ name: 'console', type: '3' }),
        ),
      );
      expect(text('disk')).toBe('a file now');
      expect(lstatSync(join(place.root, 'console')).isCharacterDevice()).toBe(true);
    });
  });

  describe('a layer that was unpacked half', () => {
    it('has no setuid file with the owner of this process', async () => {
      const archive = tar(
        entry({ name: 'suid', mode: 0o6755, uid: 1000, gid: 1000, content: 'x'.repeat(100_000) }),
      );
      await expect(place.apply(gzipSync(archive).subarray(0, 60))).rejects.toMatchObject({
        code: 'data_loss',
      });
      const found = names().includes('suid') ? lstatSync(join(place.root, 'suid')).mode & 0o6000 : 0;
      expect(found).toBe(0);
    });
  });
});
