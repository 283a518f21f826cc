// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { applyLayer, type LayerEntry, packEntries, type WrittenLayer, writeLayer } from '../src/index.ts';
import { makeOverlay } from './overlay.ts';
import { openPodmanStore } from './podman-store.ts';
import { bytesOf } from './tar-names.ts';
import { treeOf } from './tree.ts';

const mtime = new Date(1_600_000_000_000);
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
const odd = Buffer.from([0x6f, 0x64, 0x64, 0x2d, 0xff, 0xfe]);

/** Of each type, and of each thing that ustar cannot say. */
const entries: readonly LayerEntry[] = [
  { type: 'directory', path: 'd', mode: 0o1777, mtime },
  {
    type: 'file',
    path: 'd/file',
    content: 'content'.repeat(1000),
    mtime,
    xattrs: { 'user.note': Buffer.from([0, 61, 255, 10]) },
  },
  { type: 'file', path: 'd/exact', content: 'x'.repeat(512), mtime },
  {
    type: 'file',
    path: 'setuid',
    mode: 0o4755,
    uid: 3_000_000,
    gid: 5,
    mtime,
    xattrs: { 'security.capability': capability },
  },
  { type: 'link', path: 'hard', target: 'd/file' },
  { type: 'symlink', path: 'sym', target: 's'.repeat(150), uid: 7, gid: 8, mtime },
  { type: 'symlink', path: 'dangling', target: 'ü', mtime },
  { type: 'fifo', path: 'fifo', mode: 0o600, mtime },
  { type: 'char', path: 'null', major: 1, minor: 3, mtime },
  { type: 'block', path: 'loop', mode: 0o660, gid: 6, major: 7, minor: 1000, mtime },
  { type: 'file', path: 'n'.repeat(200), content: 'long name', mtime },
  { type: 'directory', path: `p/${'q'.repeat(80)}`, mtime },
  { type: 'file', path: `p/${'q'.repeat(80)}/${'r'.repeat(90)}`, content: 'cut in two', mtime },
  { type: 'file', path: 'ünïcode', mtime: new Date(1_600_000_000_123) },
  { type: 'file', path: odd, content: 'odd', mtime },
  { type: 'file', path: Buffer.concat([odd, Buffer.from('x'.repeat(150))]), mtime },
  { type: 'file', path: 'later', mtime: new Date(9_000_000_000_000) },
];
const options = { timePrecision: 'nanosecond' } as const;

describe('a layer that Lading made', () => {
  const readers: readonly (readonly [string, readonly string[]])[] = [
    [
      'tar',
      [
        '--numeric-owner',
        '--xattrs',
        '--xattrs-include=*',
        '--warning=no-timestamp',
        '--warning=no-unknown-keyword',
      ],
    ],
    ['bsdtar', ['--numeric-owner', '--xattrs']],
  ];
  it.each(readers)(
    'is read by %s with all that is in it, and without a complaint',
    async (program, flags) => {
      using overlay = makeOverlay(0);
      const [file, own, theirs] = ['layer.tar', 'own', 'theirs'].map((name) => join(overlay.work, name)) as [
        string,
        string,
        string,
      ];
      await writeLayer(packEntries(entries, options), file, { compression: 'none' });
      mkdirSync(own);
      mkdirSync(theirs);
      await applyLayer(packEntries(entries, options), own);
      const result = spawnSync(program, ['-C', theirs, '-xpf', file, ...flags], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect(result).toMatchObject({ status: 0, stderr: '' });
      expect(treeOf(theirs)).toEqual(treeOf(own));
    },
  );

  it.each(['gzip', 'zstd'] as const)(
    'is read by podman with all that is in it (%s), and given back byte for byte by skopeo',
    async (compression) => {
      using overlay = makeOverlay(0);
      using store = openPodmanStore(overlay.work);
      const [own, image, copy] = ['own', 'image', 'copy'].map((name) => join(overlay.work, name)) as [
        string,
        string,
        string,
      ];
      for (const folder of [own, image]) mkdirSync(folder);
      const packed = (): AsyncIterable<Uint8Array> => packEntries(entries, options);
      await applyLayer(packed(), own);
      const layer = await writeLayer(packed(), join(image, 'layer'), { compression });
      writeImage(image, layer);
      store.podman('pull', '-q', `dir:${image}`);
      const id = store.podman('images', '-q', '--no-trunc');
      const mounted = store.podman('image', 'mount', id);
      expect(treeOf(mounted)).toEqual(treeOf(own));
      store.podman('image', 'unmount', id);
      const { graphRoot } = store;
      const from = `containers-storage:[overlay@${graphRoot}+${join(overlay.work, 'run')}]@${id.slice(7)}`;
      execFileSync('skopeo', ['copy', '-q', from, `dir:${copy}`], { stdio: 'pipe' });
      const bytes = await bytesOf(packed());
      expect(readFileSync(join(copy, digestHex(layer.diffId))).equals(bytes)).toBe(true);
    },
  );
});

/** An image of one layer in the form of skopeo's `dir:`. */
function writeImage(folder: string, { descriptor, diffId, path }: WrittenLayer): void {
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [diffId] },
  });
  const hex = createHash('sha256').update(config).digest('hex');
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  renameSync(path, join(folder, digestHex(descriptor.digest)));
  writeFileSync(join(folder, hex), config);
  writeFileSync(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType, digest: `sha256:${hex}`, size: config.length },
      layers: [descriptor],
    }),
  );
}
