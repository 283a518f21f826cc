// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadStorage } from './index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-config-'));
  path = join(folder, 'storage.conf');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('loadStorage', () => {
  it('reads the file that the environment names', async () => {
    await writeFile(
      path,
      `[storage]
       driver = "overlay"
       runroot = "/run/x"
       graphroot = "/var/x"
       [storage.options]
       additionalimagestores = ["/var/ro", ""]
       mount_program = ""
       pull_options = {enable_partial_images = "true"}
       [storage.options.overlay]
       mountopt = "nodev,metacopy=on"
       [storage.options.thinpool]`,
    );
    expect(await loadStorage({ env: { CONTAINERS_STORAGE_CONF: path }, uid: 0 })).toEqual({
      driver: 'overlay',
      graphRoot: '/var/x',
      runRoot: '/run/x',
      imageStore: undefined,
      additionalImageStores: ['/var/ro'],
      mountProgram: undefined,
      mountOptions: ['nodev', 'metacopy=on'],
      volatileMounts: true,
      unsupported: [],
      warnings: [],
    });
  });

  it('fills in what the file leaves out, and the driver of the environment counts', async () => {
    await writeFile(path, '[storage]\ndriver = "overlay"\ngrpahroot = "/x"');
    const found = await loadStorage({ path, env: { STORAGE_DRIVER: 'vfs' }, uid: 0 });
    expect(found).toMatchObject({
      driver: 'vfs',
      graphRoot: '/var/lib/containers/storage',
      runRoot: '/run/containers/storage',
      warnings: [{ file: path, message: 'unknown key "storage.grpahroot"' }],
    });
  });

  it("uses the home of a user that is not root, whatever the system's file says", async () => {
    const env = { HOME: folder, XDG_RUNTIME_DIR: '/run/user/7' };
    expect(await loadStorage({ env, uid: 7 })).toMatchObject({
      graphRoot: join(folder, '.local/share/containers/storage'),
      runRoot: '/run/user/7/containers',
    });
    await mkdir(join(folder, '.config/containers'), { recursive: true });
    await writeFile(
      join(folder, '.config/containers/storage.conf'),
      '[storage]\nrootless_storage_path = "$HOME/images/$UID"',
    );
    expect(await loadStorage({ env, uid: 7 })).toMatchObject({ graphRoot: join(folder, 'images/7') });
  });

  it('tells of options that make another kind of store, and takes those of the environment', async () => {
    const text = `[storage.options]
       disable-volatile = true
       size = ""
       additionallayerstores = ["/var/layers"]
       [storage.options.overlay]
       size = "10G"
       inodes = ""
       ignore_chown_errors = "false"
       use_composefs = "true"
       sync = "filesystem"`;
    await writeFile(path, text);
    expect(await loadStorage({ path, env: {}, uid: 0 })).toMatchObject({
      volatileMounts: false,
      unsupported: ['overlay.size', 'overlay.use_composefs', 'additionallayerstores'],
      warnings: [],
    });
    const STORAGE_OPTS = 'overlay.mountopt=nodev,overlay.imagestore=/var/ro,force_mask=700,overlay.inodes=';
    expect(await loadStorage({ path, env: { STORAGE_OPTS }, uid: 0 })).toMatchObject({
      mountOptions: ['nodev'],
      additionalImageStores: ['/var/ro'],
      unsupported: ['overlay.size', 'overlay.use_composefs', 'additionallayerstores', 'overlay.force_mask'],
    });
  });

  const faults: [string, string, RegExp][] = [
    ['no TOML', '[storage\n', /storage\.conf:1:\d+: /],
    ['a number for a path', '[storage]\ngraphroot = 1', /storage\.graphroot: expected a string/],
    ['a relative path', '[storage]\ngraphroot = "../x"', /begins with \//],
    ['storage that is no table', 'storage = true', /\[storage\]/],
  ];
  it.each(faults)('refuses %s', async (_name, text, message) => {
    await writeFile(path, text);
    await expect(loadStorage({ path, env: {} })).rejects.toMatchObject({
      code: Code.InvalidArgument,
      message: expect.stringMatching(message),
    });
  });

  it('refuses a named file that is not there', async () => {
    await expect(loadStorage({ path, env: {} })).rejects.toMatchObject({ code: Code.NotFound });
  });
});
