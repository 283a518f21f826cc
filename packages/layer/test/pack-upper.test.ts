// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setXattr } from '@lading/linux';
import { describe, expect, it } from 'vitest';
import { applyLayer, packUpper } from '../src/index.ts';
import { makeOverlay, type Overlay } from './overlay.ts';
import { namesOf } from './tar-names.ts';
import { treeOf } from './tree.ts';

function fill(lower: string): void {
  mkdirSync(join(lower, 'etc/conf.d'), { recursive: true });
  writeFileSync(join(lower, 'etc/passwd'), 'root\n');
  writeFileSync(join(lower, 'etc/conf.d/a'), 'a');
  writeFileSync(join(lower, 'gone'), 'x');
  mkdirSync(join(lower, 'dir'));
  writeFileSync(join(lower, 'dir/old'), 'old');
}

function change(merged: string): void {
  const at = (name: string): string => join(merged, name);
  appendFileSync(at('etc/passwd'), 'user\n');
  unlinkSync(at('gone'));
  rmSync(at('dir'), { recursive: true });
  mkdirSync(at('dir'));
  writeFileSync(at('dir/new'), 'new');
  mkdirSync(at('fresh'));
  writeFileSync(at('fresh/one'), '1');
  linkSync(at('fresh/one'), at('fresh/two'));
  symlinkSync('one', at('fresh/link'));
  setXattr(at('fresh/one'), 'user.kept', Buffer.from('1'));
}

/** Applied to the lowers, one after the other, as `tar` and `cp` know nothing of whiteouts. */
async function flattened(overlay: Overlay, layer: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const target = join(overlay.work, 'flat');
  mkdirSync(target);
  for (const lower of overlay.lowers.toReversed())
    await applyLayer(packUpper(lower), target, { whiteouts: 'remove' });
  await applyLayer(layer, target, { whiteouts: 'remove' });
  return treeOf(target);
}

describe('packUpper', () => {
  it('says with whiteouts what a container removed, in the order of names', async () => {
    using overlay = makeOverlay(1);
    fill(overlay.lowers[0] ?? '');
    overlay.merged(change);
    expect(await namesOf(packUpper(overlay.upper, { lowers: overlay.lowers }))).toEqual([
      'dir/',
      'dir/.wh..wh..opq',
      'dir/new',
      'etc/',
      'etc/passwd',
      'fresh/',
      'fresh/link',
      'fresh/one',
      'fresh/two',
      '.wh.gone',
    ]);
  });

  it('gives on the layers below the tree that the kernel shows', async () => {
    using overlay = makeOverlay(3);
    const [top = '', middle = '', bottom = ''] = overlay.lowers;
    fill(bottom);
    execFileSync('mknod', [join(middle, 'etc'), 'c', '0', '0']);
    mkdirSync(join(middle, 'dir'));
    setXattr(join(middle, 'dir'), 'trusted.overlay.opaque', Buffer.from('y'));
    mkdirSync(join(top, 'etc'));
    writeFileSync(join(top, 'etc/passwd'), 'top\n');
    execFileSync('find', [
      overlay.work,
      ...overlay.lowers,
      '-exec',
      'touch',
      '-h',
      '-d',
      '@1600000000',
      '{}',
      '+',
    ]);
    overlay.merged((merged) => {
      writeFileSync(join(merged, 'dir/old'), 'again');
      change(merged);
      execFileSync('find', [merged, '-exec', 'touch', '-h', '-d', '@1600000001', '{}', '+']);
    });
    const layer = packUpper(overlay.upper, { lowers: overlay.lowers });
    expect(await flattened(overlay, layer)).toEqual(overlay.merged(treeOf));
  });

  const opaqueCases: readonly (readonly [string, readonly string[] | undefined, readonly string[]])[] = [
    [
      'keeps the mark of a folder that is opaque when the layers below are not known',
      undefined,
      ['d/.wh..wh..opq'],
    ],
    ['leaves the mark out where nothing is below', [], []],
    ['keeps the mark where a layer below has the folder', ['has'], ['d/.wh..wh..opq']],
    ['keeps the mark where a layer further below has it', ['lacks', 'has'], ['d/.wh..wh..opq']],
    ['leaves the mark out where a whiteout is nearer', ['whiteout', 'has'], []],
    ['follows no symbolic link of a layer below', ['link'], ['d/.wh..wh..opq']],
  ];
  it.each(opaqueCases)('%s', async (_name, lowers, expected) => {
    using overlay = makeOverlay(1);
    const at = (name: string): string => join(overlay.work, name);
    for (const name of ['has/d/e', 'lacks', 'whiteout', 'link', 'outside/e'])
      mkdirSync(at(name), { recursive: true });
    execFileSync('mknod', [at('whiteout/d'), 'c', '0', '0']);
    symlinkSync(at('outside'), at('link/d'));
    mkdirSync(join(overlay.upper, 'd/e'), { recursive: true });
    for (const name of ['d', 'd/e'])
      setXattr(join(overlay.upper, name), 'trusted.overlay.opaque', Buffer.from('y'));
    const names = await namesOf(packUpper(overlay.upper, { lowers: lowers?.map(at) }));
    expect(names.filter((name) => name === 'd/.wh..wh..opq')).toEqual(expected);
    // Inside of an opaque folder nothing is hidden any more.
    expect(names.includes('d/e/.wh..wh..opq')).toBe(lowers === undefined);
  });

  it('takes the marks of the kind that the overlay was mounted with, and no other', async () => {
    using overlay = makeOverlay(1);
    mkdirSync(join(overlay.upper, 'd'));
    setXattr(join(overlay.upper, 'd'), 'user.overlay.opaque', Buffer.from('y'));
    expect(await namesOf(packUpper(overlay.upper))).toEqual(['d/']);
    expect(await namesOf(packUpper(overlay.upper, { overlayXattrs: 'user' }))).toEqual([
      'd/',
      'd/.wh..wh..opq',
    ]);
  });

  it('refuses files whose content or name lies in a layer below', async () => {
    using overlay = makeOverlay(1, ',metacopy=on,redirect_dir=on');
    fill(overlay.lowers[0] ?? '');
    overlay.merged((merged) => chownSync(join(merged, 'etc/passwd'), 5, 5));
    await expect(namesOf(packUpper(overlay.upper))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'OVERLAY_METACOPY',
      message: expect.stringContaining('etc/passwd'),
    });
    rmSync(join(overlay.upper, 'etc'), { recursive: true });
    overlay.merged((merged) => renameSync(join(merged, 'dir'), join(merged, 'moved')));
    await expect(namesOf(packUpper(overlay.upper))).rejects.toMatchObject({ reason: 'OVERLAY_REDIRECT' });
  });

  it('refuses a file that would come out of the layer as a removal', async () => {
    using overlay = makeOverlay(1);
    mkdirSync(join(overlay.upper, 'd'));
    writeFileSync(join(overlay.upper, 'd/.wh.passwd'), '');
    await expect(namesOf(packUpper(overlay.upper))).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'RESERVED_NAME',
    });
  });

  it('writes the owners that the container sees, and names the file whose owner no map holds', async () => {
    using overlay = makeOverlay(1);
    const maps = { containerId: 0, hostId: 100_000, size: 10 };
    const options = { uidMap: [maps], gidMap: [maps] };
    writeFileSync(join(overlay.upper, 'f'), '');
    chownSync(join(overlay.upper, 'f'), 100_003, 100_009);
    execFileSync('mknod', [join(overlay.upper, 'gone'), 'c', '0', '0']);
    const target = join(overlay.work, 'target');
    mkdirSync(target);
    expect(await applyLayer(packUpper(overlay.upper, options), target)).toMatchObject({
      uids: [3],
      gids: [9],
    });
    chownSync(join(overlay.upper, 'f'), 100_010, 100_000);
    await expect(namesOf(packUpper(overlay.upper, options))).rejects.toMatchObject({
      reason: 'ID_MAP',
      message: expect.stringContaining('"f"'),
    });
  });
});
