// SPDX-License-Identifier: Apache-2.0
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApplyOptions, applyLayer } from '../src/index.ts';
import { type HostilePlace, makeHostilePlace } from './hostile-place.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';

describe.each(['chroot', 'walk'] as const)('kept inside by %s,', (confinement) => {
  let place: HostilePlace;
  let root = '';
  let outside = '';
  beforeEach(() => {
    place = makeHostilePlace(confinement);
    ({ root, outside } = place);
  });
  afterEach(() => {
    using _ended = place;
    place.expectNothingTouched();
  });
  const apply = (bytes: Buffer, options: ApplyOptions = {}): Promise<unknown> => place.apply(bytes, options);

  describe('an archive that tries to leave the layer', () => {
    const refused: [string, Buffer[], string][] = [
      ['by a name with ..', [entry({ name: '../outside/evil' })], '../outside/evil'],
      ['by .. in the middle', [folder('a'), entry({ name: 'a/../../outside/evil' })], 'a/../../outside/evil'],
      ['by the name ..', [folder('..')], '..'],
      ['by a hard link to a file of the machine', [hardLink('x', '/etc/shadow')], 'etc/shadow'],
      ['by a hard link that climbs', [hardLink('x', '../outside/precious')], '../outside/precious'],
      ['by the whiteout of ..', [entry({ name: 'a/.wh...' })], '.wh...'],
      ['by the whiteout of .', [entry({ name: '.wh..' })], '.wh..'],
      ['by the whiteout of nothing', [entry({ name: '.wh.' })], '.wh.'],
      [
        'by a name in a pax header',
        [pax({ path: '../outside/evil' }), entry({ name: 'x' })],
        '../outside/evil',
      ],
      [
        'by a hard link through a link to the machine',
        [symlink('etc', '/etc'), hardLink('x', 'etc/shadow')],
        'etc/shadow',
      ],
    ];
    it.each(refused)('%s is refused, and the entry is named', async (_name, entries, named) => {
      for (const whiteouts of ['overlay', 'remove'] as const) {
        await expect(apply(tar(...entries), { whiteouts })).rejects.toMatchObject({
          code: 'invalid_argument',
          message: expect.stringContaining(named),
        });
      }
    });

    it('by an absolute name stays inside', async () => {
      await apply(tar(entry({ name: '/etc/evil', content: 'x' })));
      expect(readFileSync(join(root, 'etc/evil'), 'utf8')).toBe('x');
      expect(existsSync('/etc/evil')).toBe(false);
    });

    it.each([
      ['absolute', '/'],
      ['relative', '../../../../../../../../'],
    ])('by writing through an %s link stays inside', async (_name, up) => {
      const target = join(up, outside);
      const inner = join('.', outside);
      await apply(
        tar(
          folder(inner),
          symlink('door', target),
          entry({ name: 'door/evil', content: 'x' }),
          entry({ name: 'door/precious', content: 'overwritten' }),
          folder('door/deep', { mode: 0o700 }),
          hardLink('linked', 'door/evil'),
          entry({ name: 'door/node', type: '6' }),
        ),
      );
      expect(readFileSync(join(root, inner, 'evil'), 'utf8')).toBe('x');
      expect(readFileSync(join(root, 'linked'), 'utf8')).toBe('x');
      expect(lstatSync(join(root, inner, 'node')).isFIFO()).toBe(true);
    });

    it('by a folder that becomes a link while it is written to stays inside', async () => {
      await apply(
        tar(
          folder('a'),
          entry({ name: 'a/one', content: '1' }),
          symlink('a', outside),
          folder(outside.slice(1)),
          entry({ name: 'a/precious', content: 'overwritten' }),
        ),
      );
      expect(readFileSync(join(root, outside, 'precious'), 'utf8')).toBe('overwritten');
    });

    it('by a link where a file is to be written replaces the link', async () => {
      await apply(tar(symlink('f', join(outside, 'precious')), entry({ name: 'f', content: 'mine' })));
      expect(readFileSync(join(root, 'f'), 'utf8')).toBe('mine');
      expect(lstatSync(join(root, 'f')).isFile()).toBe(true);
    });

    it('by a folder over a link makes a folder, and does not change what the link leads to', async () => {
      const before = lstatSync(outside).mode;
      await apply(tar(symlink('d', outside), folder('d', { mode: 0o700, uid: 7 })));
      expect(lstatSync(join(root, 'd')).isDirectory()).toBe(true);
      expect(lstatSync(outside)).toMatchObject({ mode: before, uid: 0 });
    });

    it.each(['overlay', 'remove'] as const)(
      'by whiteouts through links removes nothing (%s)',
      async (whiteouts) => {
        await apply(
          tar(
            symlink('door', outside),
            entry({ name: 'door/.wh.precious' }),
            entry({ name: 'door/.wh..wh..opq' }),
            entry({ name: '.wh.door' }),
          ),
          { whiteouts },
        ).catch((error: unknown) =>
          expect(error).toMatchObject({ reason: expect.stringMatching(/ENOENT|EEXIST|ENOTDIR/) }),
        );
      },
    );
  });

  describe('a broken archive', () => {
    const file = entry({ name: 'f', content: 'x'.repeat(600) });
    const cases: [string, Buffer, string, RegExp?][] = [
      ['cut in a header', file.subarray(0, 100), 'data_loss'],
      ['cut in a content', file.subarray(0, 700), 'data_loss'],
      ['cut after a pax header', pax({ path: 'x' }), 'data_loss'],
      ['with a wrong checksum', tar(entry({ name: 'f', checksum: 1 })), 'invalid_argument', /checksum/],
      [
        'with letters for a size',
        tar(entry({ name: 'f', rawSize: Buffer.from('0000000zz00\0') })),
        'invalid_argument',
        /size/,
      ],
      [
        'with a negative size',
        tar(entry({ name: 'f', rawSize: Buffer.alloc(12, 0xff) })),
        'invalid_argument',
        /negative/,
      ],
      [
        'with a size beyond all numbers',
        tar(
          entry({ name: 'f', rawSize: Buffer.concat([Buffer.from([0x80, 0x7f]), Buffer.alloc(10, 0xff)]) }),
        ),
        'invalid_argument',
        /size/,
      ],
      ['with a negative size in pax', tar(pax({ size: '-1' }), file), 'invalid_argument', /size|negative/],
      [
        'with a pax record longer than its header',
        tar(entry({ name: 'p', type: 'x', content: '99 path=x\n' })),
        'invalid_argument',
        /pax/,
      ],
      [
        'with a pax record of length 0',
        tar(entry({ name: 'p', type: 'x', content: '0 path=x\n' })),
        'invalid_argument',
        /pax/,
      ],
      ['with a NUL in a name', tar(pax({ path: 'a\0b' }), file), 'invalid_argument', /NUL/],
      ['with an owner out of range', tar(pax({ uid: '4294967295' }), file), 'invalid_argument', /owner/],
      ['with an unknown type', tar(entry({ name: 'f', type: 'Q' })), 'invalid_argument', /type/],
      [
        'with a sparse file that is not of GNU',
        tar(entry({ name: 'f', type: 'S' })),
        'invalid_argument',
        /sparse/,
      ],
      [
        'with a file below a file',
        tar(file, entry({ name: 'f/g' })),
        'invalid_argument',
        /"f\/g".*not a folder/,
      ],
      ['that is text', Buffer.from('<html>not found</html>'.repeat(50)), 'invalid_argument', /checksum/],
      ['of bzip2 that is cut', Buffer.from('BZh91AY&SY'), 'data_loss', /bzip2/],
      ['of gzip that is cut', gzipSync(tar(file)).subarray(0, -20), 'data_loss', /gzip/],
      [
        'of gzip that is damaged',
        Buffer.concat([gzipSync(tar(file)).subarray(0, 30), Buffer.alloc(60, 7)]),
        'data_loss',
        /gzip/,
      ],
    ];
    it.each(cases)('%s is refused', async (_name, bytes, code, message = /./) => {
      await expect(apply(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    });
  });

  describe('a bomb', () => {
    const limited: [string, Buffer, ApplyOptions['limits'], RegExp][] = [
      ['of a long name', tar(pax({ path: 'd/'.repeat(3000) }), entry({ name: 'x' })), {}, /6000 bytes/],
      [
        'of a long GNU name',
        tar(entry({ name: 'L', type: 'L', content: 'n'.repeat(5000) }), entry({ name: 'x' })),
        {},
        /5000 bytes/,
      ],
      ['of a long link', tar(pax({ linkpath: 'x'.repeat(5000) }), symlink('x', 'y')), {}, /5000 bytes/],
      [
        'of pax records',
        tar(entry({ name: 'px', type: 'x', size: 2 ** 30 })),
        {},
        /"px" has 1073741824 bytes/,
      ],
      [
        'of extended attributes',
        tar(pax({ 'SCHILY.xattr.user.a': 'x'.repeat(70_000) }), entry({ name: 'x' })),
        {},
        /"x" has 70000/,
      ],
      [
        'of entries',
        tar(...Array.from({ length: 11 }, (_, i) => entry({ name: `f${i}` }))),
        { entries: 10 },
        /"f10"/,
      ],
      [
        'of zeros',
        gzipSync(Buffer.concat([tar(), Buffer.alloc(50 << 20)])),
        { totalBytes: 10 << 20 },
        /10485760/,
      ],
    ];
    it.each(limited)('%s meets a limit', async (_name, bytes, limits = {}, message) => {
      await expect(apply(bytes, { limits })).rejects.toMatchObject({
        code: 'resource_exhausted',
        reason: 'LAYER_LIMIT',
        message: expect.stringMatching(message),
      });
    });

    it('of one name too long for the file system is refused by its name', async () => {
      await expect(apply(tar(pax({ path: 'n'.repeat(300) }), entry({ name: 'x' })))).rejects.toMatchObject({
        reason: 'ENAMETOOLONG',
        message: expect.stringContaining('nnn'),
      });
    });
  });

  describe('a source that gives up', () => {
    it('fails with what the source throws, and is not read on', async () => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield tar(entry({ name: 'f' })).subarray(0, 600);
        throw new TypeError('the network is gone');
      }
      await expect(applyLayer(failing(), root)).rejects.toMatchObject({ message: 'the network is gone' });
    });

    it('and falls silent is left when the signal says so, and told to end', async () => {
      const stop = new AbortController();
      const { promise: returned, resolve: noteReturn } = Promise.withResolvers<void>();
      const silent: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next() {
            setImmediate(() => stop.abort());
            return new Promise(() => {});
          },
          async return() {
            noteReturn();
            return { done: true, value: undefined };
          },
        }),
      };
      await expect(applyLayer(silent, root, { signal: stop.signal })).rejects.toMatchObject({
        code: 'canceled',
      });
      await returned;
      await expect(applyLayer(silent, root, { signal: stop.signal })).rejects.toMatchObject({
        code: 'canceled',
      });
    });

    it('is told to end when an entry is refused', async () => {
      let ended = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          yield entry({ name: '../x' });
          for (;;) yield Buffer.alloc(1 << 20);
        } finally {
          ended = true;
        }
      }
      await expect(applyLayer(endless(), root)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(ended).toBe(true);
    });

    it('leaves no tar-split file behind', async () => {
      const tarSplitFile = join(root, '../layer/split.gz');
      await expect(apply(tar(entry({ name: '../x' })), { tarSplitFile })).rejects.toThrow();
      expect(existsSync(tarSplitFile)).toBe(false);
    });
  });
});
