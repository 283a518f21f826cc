// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { entry, folder, hardLink, symlink, tar } from '../../test/tar-builder.ts';
import { type RootLayer, readRootFile } from '../index.ts';

const work = mkdtempSync(join(tmpdir(), 'lading-root-file-'));
afterAll(() => rmSync(work, { recursive: true }));

const file = (name: string, content = name): Buffer => entry({ name, content });

/** Reads a file, and says which layers were read for it, the lowest being 0. */
async function read(layers: readonly Buffer[][], path: string | Uint8Array) {
  const opened: number[] = [];
  const counted = layers.map(
    (entries, i): RootLayer => ({
      async *open() {
        opened.push(i);
        yield tar(...entries);
      },
    }),
  );
  const contentFolder = mkdtempSync(join(work, 'contents-'));
  const chunks = await Array.fromAsync(readRootFile(counted, path, { contentFolder }));
  return { content: Buffer.concat(chunks).toString(), opened };
}

const base = [
  ...[folder('usr'), folder('usr/bin'), file('usr/bin/tool', 'base tool'), symlink('bin', 'usr/bin')],
  ...[folder('etc'), file('etc/motd', 'base motd'), symlink('etc/loop', 'loop')],
];

describe('a file of an image', () => {
  it.each<[string, Buffer[], string, string, number[]]>([
    ['of the highest layer is read from it alone', [file('etc/motd', 'top')], 'etc/motd', 'top', [1]],
    ['that is empty has no content', [file('etc/motd', '')], '/etc/motd', '', [1]],
    ['of the lowest layer is read through the others', [file('etc/issue')], '/etc/motd', 'base motd', [1, 0]],
    ['is found behind a link of a lower layer', [file('usr/bin/new')], '/bin/new', 'usr/bin/new', [1, 0]],
    ['is found through a link that leads up', [symlink('a', '../../etc/motd')], 'a', 'base motd', [1, 0]],
    ['is found through an absolute link', [symlink('srv/a', '/usr/bin')], 'srv/a/tool', 'base tool', [1, 0]],
    ['is found under the name of a hard link', [file('a'), hardLink('b', 'a')], 'b', 'a', [1]],
    [
      'in an opaque folder is read',
      [folder('etc'), file('etc/.wh..wh..opq', ''), file('etc/b')],
      'etc/b',
      'etc/b',
      [1],
    ],
  ])('%s', async (_name, upper, path, content, opened) => {
    expect(await read([base, upper], path)).toEqual({ content, opened });
  });

  it('is found by the bytes of its name', async () => {
    expect(await read([[file('é')]], Buffer.from('é'))).toMatchObject({ content: 'é' });
  });

  it.each<[string, Buffer[], string, string, RegExp]>([
    ['that was removed', [file('etc/.wh.motd', '')], 'etc/motd', Code.NotFound, /no file "etc\/motd"/],
    ['in a folder that was removed', [file('.wh.etc', '')], 'etc/motd', Code.NotFound, /no file/],
    ['hidden by an opaque folder', [file('etc/.wh..wh..opq', '')], 'etc/motd', Code.NotFound, /no file/],
    ['below what became a file', [file('etc', 'x')], 'etc/motd', Code.NotFound, /no file/],
    ['below what is a file', [], 'etc/motd/x', Code.NotFound, /no file/],
    ['that nobody has', [], 'none', Code.NotFound, /no file "none"/],
    ['that is a folder', [], '/usr', Code.FailedPrecondition, /is a folder/],
    ['that is the root', [], '/../', Code.FailedPrecondition, /is a folder/],
    ['that is a pipe', [entry({ name: 'p', type: '6' })], 'p', Code.FailedPrecondition, /is a fifo/],
    ['that leads to itself', [], 'etc/loop', Code.FailedPrecondition, /in a circle/],
  ])('%s is refused', async (_name, upper, path, code, message) => {
    await expect(read([base, upper], path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is not looked for below the layer that removed it', async () => {
    const opened: string[] = [];
    const layer = (name: string, ...entries: Buffer[]): RootLayer => ({
      async *open() {
        opened.push(name);
        yield tar(...entries);
      },
    });
    const layers = [layer('low', ...base), layer('high', file('etc/.wh.motd', ''))];
    const contentFolder = mkdtempSync(join(work, 'contents-'));
    const reading = Array.fromAsync(readRootFile(layers, 'etc/motd', { contentFolder }));
    await expect(reading).rejects.toMatchObject({ code: Code.NotFound, reason: 'FILE_UNKNOWN' });
    expect(opened).toEqual(['high']);
  });
});
