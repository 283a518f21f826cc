// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setXattr } from '@lading/linux';
import { describe, expect, it } from 'vitest';
import { type ListUpperOptions, listUpperChanges, writeLayer } from '../src/index.ts';
import { makeOverlay } from './overlay.ts';
import { openPodmanStore } from './podman-store.ts';

async function listed(upper: string, options: ListUpperOptions): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { kind, path } of listUpperChanges(upper, options)) found.push(`${kind} ${path}`);
  return found;
}

function fill(root: string): void {
  mkdirSync(join(root, 'etc/conf.d'), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root\n');
  writeFileSync(join(root, 'etc/conf.d/a'), 'a');
  mkdirSync(join(root, 'dir'));
  writeFileSync(join(root, 'dir/old'), 'old');
  mkdirSync(join(root, 'quiet'));
  for (const name of ['gone', 'moved']) writeFileSync(join(root, name), name);
}

function change(merged: string): void {
  const at = (name: string): string => join(merged, name);
  appendFileSync(at('etc/passwd'), 'user\n');
  chmodSync(at('etc/conf.d/a'), 0o600);
  unlinkSync(at('gone'));
  rmSync(at('dir'), { recursive: true });
  mkdirSync(at('dir'));
  writeFileSync(at('dir/new'), 'new');
  mkdirSync(at('fresh/in'), { recursive: true });
  writeFileSync(at('fresh/in/one'), '1');
  symlinkSync('one', at('fresh/link'));
  renameSync(at('moved'), at('etc/moved'));
}

const expected = [
  'deleted /dir',
  'added /dir/new',
  'modified /etc',
  'modified /etc/conf.d/a',
  'added /etc/moved',
  'modified /etc/passwd',
  'added /fresh',
  'added /fresh/in',
  'added /fresh/in/one',
  'added /fresh/link',
  'deleted /gone',
  'deleted /moved',
];

describe('listUpperChanges', () => {
  it('lists what podman diff lists', async () => {
    using overlay = makeOverlay(1);
    using store = openPodmanStore(overlay.work);
    const layer = join(overlay.work, 'layer.tar');
    fill(overlay.lowers[0] ?? '');
    await writeLayer(overlay.lowers[0] ?? '', layer, { compression: 'none' });
    const image = store.podman('import', '-q', layer);
    const container = store.buildah('from', image.replace('sha256:', ''));
    change(store.buildah('mount', container));
    const letters = { A: 'added', C: 'modified', D: 'deleted' } as const;
    const theirs = store
      .podman('diff', container)
      .split('\n')
      .map((line) => `${letters[line[0] as keyof typeof letters]} ${line.slice(2)}`);
    const inspected = JSON.parse(store.buildah('inspect', container)) as { ContainerID: string };
    const containers = JSON.parse(
      readFileSync(join(store.graphRoot, 'overlay-containers/containers.json'), 'utf8'),
    ) as readonly { id: string; layer: string }[];
    const id = containers.find((found) => found.id === inspected.ContainerID)?.layer ?? '';
    const folder = join(store.graphRoot, 'overlay', id);
    const lowers = readFileSync(join(folder, 'lower'), 'utf8')
      .split(':')
      .map((lower) => join(store.graphRoot, 'overlay', lower));
    store.buildah('umount', container);
    const ours = await listed(join(folder, 'diff'), { lowers });
    expect(ours).toEqual(expected);
    expect(theirs.toSorted()).toEqual(ours.toSorted());
  });

  it('takes what two layers below hold together, and not what one of them has hidden', async () => {
    using overlay = makeOverlay(2);
    const [top = '', bottom = ''] = overlay.lowers;
    fill(bottom);
    mkdirSync(join(top, 'etc'));
    execFileSync('mknod', [join(top, 'etc/passwd'), 'c', '0', '0']);
    mkdirSync(join(top, 'dir'));
    setXattr(join(top, 'dir'), 'trusted.overlay.opaque', Buffer.from('y'));
    overlay.merged((merged) => {
      writeFileSync(join(merged, 'etc/passwd'), 'new');
      writeFileSync(join(merged, 'dir/old'), 'new');
      appendFileSync(join(merged, 'etc/conf.d/a'), 'more');
    });
    expect(await listed(overlay.upper, { lowers: overlay.lowers })).toEqual([
      'modified /dir',
      'added /dir/old',
      'modified /etc',
      'modified /etc/conf.d/a',
      'added /etc/passwd',
    ]);
  });

  it('says that all is added where nothing is below, and says nothing of folders that hold no change', async () => {
    using overlay = makeOverlay(1);
    fill(overlay.lowers[0] ?? '');
    overlay.merged((merged) => {
      writeFileSync(join(merged, 'quiet/new'), '');
      unlinkSync(join(merged, 'quiet/new'));
    });
    execFileSync('touch', ['-r', join(overlay.lowers[0] ?? '', 'quiet'), join(overlay.upper, 'quiet')]);
    expect(await listed(overlay.upper, { lowers: overlay.lowers })).toEqual([]);
    expect(await listed(overlay.upper, {})).toEqual(['added /quiet']);
  });
});
