// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApplyOptions, applyLayer } from '../src/index.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';

let work = '';
let root = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-unprivileged-'));
  root = join(work, 'layer');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

const at = (name: string): string => join(root, name);
const owner = (name: string): number[] => {
  const { uid, gid } = lstatSync(at(name));
  return [uid, gid];
};
async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Applies the archive in a process of its own, started by a program that takes privileges away. */
function applyUnder(
  starter: readonly string[],
  archive: Buffer,
  options: ApplyOptions = {},
): { result?: unknown; error?: { code: string; message: string } } {
  writeFileSync(join(work, 'archive'), archive);
  const script = `
    import { createReadStream } from 'node:fs';
    import { applyLayer } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    const [archive, root, options] = JSON.parse(process.env.ARGUMENTS);
    const answer = await applyLayer(createReadStream(archive), root, options).then(
      (result) => ({ result }),
      ({ code, message }) => ({ error: { code, message } }),
    );
    console.log(JSON.stringify(answer));`;
  const [program = '', ...rest] = starter;
  const node = [
    process.execPath,
    '--conditions=@lading/source',
    '--input-type=module',
    '--disable-warning=ExperimentalWarning',
    '-e',
    script,
  ];
  const { stdout, stderr } = spawnSync(program, [...rest, ...node], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      ARGUMENTS: JSON.stringify([join(work, 'archive'), root, options]),
    },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const withoutCapabilities = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
const inUserNamespace = ['unshare', '--user', '--map-root-user'];
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');

describe('without any capability', () => {
  it('an archive of own files is unpacked, links are followed inside, and overlay has its marks for users', () => {
    const { result, error } = applyUnder(
      withoutCapabilities,
      tar(
        folder('d', { mode: 0o2755 }),
        symlink('door', '/d'),
        entry({ name: 'door/suid', mode: 0o4755, content: 'x' }),
        hardLink('h', 'd/suid'),
        entry({ name: 'fifo', type: '6' }),
        entry({ name: '.wh.gone' }),
        entry({ name: 'd/.wh..wh..opq' }),
        pax({ 'SCHILY.xattr.user.a': 'kept', 'SCHILY.xattr.security.capability': capability }),
        entry({ name: 'f', mtime: 1000 }),
      ),
    );
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ uids: [0] });
    expect(lstatSync(at('d/suid')).mode & 0o7777).toBe(0o4755);
    expect(lstatSync(at('h')).nlink).toBe(2);
    expect(lstatSync(at('fifo')).isFIFO()).toBe(true);
    expect(lstatSync(at('gone'))).toMatchObject({ rdev: 0, mode: 0o020000 });
    expect(getXattr(at('d'), 'user.overlay.opaque')?.toString()).toBe('y');
    expect(getXattr(at('d'), 'trusted.overlay.opaque')).toBeUndefined();
    expect(getXattr(at('f'), 'user.a')?.toString()).toBe('kept');
    expect(getXattr(at('f'), 'security.capability')).toBeUndefined();
    expect(lstatSync(at('f')).mtimeMs).toBe(1_000_000);
  });

  it('a file of someone else is an error that names it and the option, and with the option one of ours', () => {
    const archive = tar(entry({ name: 'theirs', uid: 5, gid: 6, content: 'x' }), folder('d', { uid: 5 }));
    expect(applyUnder(withoutCapabilities, archive).error).toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/"theirs".*5:6.*ignoreChownErrors/),
    });
    rmSync(at('theirs'));
    expect(applyUnder(withoutCapabilities, archive, { ignoreChownErrors: true }).result).toMatchObject({
      uids: [5],
    });
    expect([owner('theirs'), owner('d')]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('devices are left out', () => {
    const archive = tar(
      entry({ name: 'null', type: '3' }),
      entry({ name: 'disk', type: '4' }),
      entry({ name: 'f' }),
    );
    expect(applyUnder(withoutCapabilities, archive).error).toBeUndefined();
    expect(
      ['null', 'disk', 'f'].map((name) => lstatSync(at(name), { throwIfNoEntry: false }) !== undefined),
    ).toEqual([false, false, true]);
  });

  it('a chroot that was asked for is refused', () => {
    expect(
      applyUnder(withoutCapabilities, tar(entry({ name: 'f' })), { confinement: 'chroot' }).error,
    ).toMatchObject({
      code: 'permission_denied',
    });
  });

  it('what leads out stays inside', () => {
    writeFileSync(join(work, 'precious'), 'kept');
    const archive = tar(symlink('door', work), entry({ name: 'door/precious', content: 'x' }));
    expect(applyUnder(withoutCapabilities, archive).error?.message).toContain('door/precious');
    expect(readFileSync(join(work, 'precious'), 'utf8')).toBe('kept');
  });
});

describe('in a user namespace', () => {
  it('devices are left out, whiteouts are made, and marks are those of users', () => {
    const { error } = applyUnder(
      inUserNamespace,
      tar(
        entry({ name: 'null', type: '3' }),
        entry({ name: '.wh.gone' }),
        folder('d'),
        entry({ name: 'd/.wh..wh..opq' }),
        pax({ 'SCHILY.xattr.trusted.x': 'refused', 'SCHILY.xattr.user.a': 'kept' }),
        entry({ name: 'f' }),
      ),
    );
    expect(error).toBeUndefined();
    expect(lstatSync(at('null'), { throwIfNoEntry: false })).toBeUndefined();
    expect(lstatSync(at('gone'))).toMatchObject({ rdev: 0, mode: 0o020000 });
    expect(getXattr(at('d'), 'user.overlay.opaque')?.toString()).toBe('y');
    expect(getXattr(at('f'), 'user.a')?.toString()).toBe('kept');
    expect(getXattr(at('f'), 'trusted.x')).toBeUndefined();
  });

  it('an owner that the namespace does not have is an error that names the entry', () => {
    expect(applyUnder(inUserNamespace, tar(entry({ name: 'theirs', uid: 1000 }))).error).toMatchObject({
      message: expect.stringMatching(/"theirs".*1000:0/),
    });
  });
});

describe.each(['chroot', 'walk'] as const)('id maps, kept inside by %s,', (confinement) => {
  const uidMap = [
    { containerId: 0, hostId: 100_000, size: 1000 },
    { containerId: 1000, hostId: 0, size: 1 },
  ];
  const gidMap = [{ containerId: 0, hostId: 200_000, size: 65_536 }];

  it('turn owners into those on the disk, of whiteouts and of folders that no entry stands for too', async () => {
    const archive = tar(
      entry({ name: 'a/b/f', uid: 7, gid: 8 }),
      entry({ name: 'me', uid: 1000, gid: 0, mode: 0o4755 }),
      symlink('s', 'x'),
      folder('d', { uid: 999, gid: 65_535 }),
      entry({ name: '.wh.gone', uid: 3 }),
    );
    const applied = await applyLayer(whole(archive), root, { confinement, uidMap, gidMap });
    expect(applied).toMatchObject({ uids: [0, 7, 999, 1000], gids: [0, 8, 65_535] });
    expect(
      Object.fromEntries(['a', 'a/b', 'a/b/f', 'me', 's', 'd', 'gone'].map((name) => [name, owner(name)])),
    ).toEqual({
      a: [100_000, 200_000],
      'a/b': [100_000, 200_000],
      'a/b/f': [100_007, 200_008],
      me: [0, 200_000],
      s: [100_000, 200_000],
      d: [100_999, 265_535],
      gone: [100_003, 200_000],
    });
    expect(lstatSync(at('me')).mode & 0o7777).toBe(0o4755);
  });

  it('that do not hold an owner are an error that names the entry', async () => {
    for (const name of ['file', 'folder/']) {
      const archive = tar(entry({ name, type: name.endsWith('/') ? '5' : '0', uid: 1001 }));
      await expect(applyLayer(whole(archive), root, { confinement, uidMap, gidMap })).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'ID_MAP',
        message: expect.stringMatching(new RegExp(`"${name}".*1001`)),
      });
    }
  });
});

it('marks for users are made by root too when they are asked for', async () => {
  await applyLayer(whole(tar(folder('d'), entry({ name: 'd/.wh..wh..opq' }))), root, {
    overlayXattrs: 'user',
  });
  expect(getXattr(at('d'), 'user.overlay.opaque')?.toString()).toBe('y');
  expect(getXattr(at('d'), 'trusted.overlay.opaque')).toBeUndefined();
});
