// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
       pull_options = {enable_partial_images = "false"}
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
      partialImages: false,
      transientStore: false,
      homeMount: true,
      idMappedMounts: true,
      sync: 'none',
      ignoreChownErrors: false,
      autoIds: { user: undefined, minSize: undefined, maxSize: undefined },
      quota: { sizeBytes: undefined, inodes: undefined },
      unsupported: [],
      warnings: [],
    });
  });

  it.each([
    ['', true],
    ['[storage.options]\npull_options = {}', true],
    ['[storage.options.pull_options]\nenable_partial_images = ""', true],
    ['[storage.options.pull_options]\nenable_partial_images = "true"', true],
    ['[storage.options.pull_options]\nenable_partial_images = "0"', false],
  ])('has layers fetched in part unless the file says no: %j', async (text, expected) => {
    await writeFile(path, text);
    expect((await loadStorage({ path, env: {}, uid: 0 })).partialImages).toBe(expected);
  });

  it('reads whose ids containers get, and how many', async () => {
    await writeFile(
      path,
      `[storage.options]
       root-auto-userns-user = "storage"
       auto-userns-min-size = 10
       auto-userns-max-size = 0`,
    );
    expect((await loadStorage({ path, env: {}, uid: 0 })).autoIds).toEqual({
      user: 'storage',
      minSize: 10,
      maxSize: undefined,
    });
    await writeFile(path, '[storage.options]\nauto-userns-min-size = -1');
    await expect(loadStorage({ path, env: {}, uid: 0 })).rejects.toThrow(
      /auto-userns-min-size: expected a whole/,
    );
  });

  it("puts a user's store where rootless_storage_path says, with any variable of the environment in it", async () => {
    await writeFile(
      path,
      `[storage]
       rootless_storage_path = "$HOME/$UID/\${CACHE}/$NONE/store"
       [storage.options]
       ignore_chown_errors = "true"`,
    );
    const env = { HOME: '/home/a', CACHE: 'c', XDG_RUNTIME_DIR: '/run/a' };
    expect(await loadStorage({ path, env, uid: 1234 })).toMatchObject({
      graphRoot: '/home/a/1234/c/store',
      runRoot: '/run/a/containers',
      ignoreChownErrors: true,
      unsupported: [],
    });
    expect((await loadStorage({ path, env, uid: 0 })).graphRoot).toBe('/var/lib/containers/storage');
    // What podman unshare has made root of a user namespace is the user still.
    const inside = { ...env, _CONTAINERS_ROOTLESS_UID: '1234' };
    expect((await loadStorage({ path, env: inside })).graphRoot).toBe('/home/a/1234/c/store');
  });

  it('puts what a user without a session runs into the folder for temporary files', async () => {
    await writeFile(path, '[storage]');
    const env = { HOME: '/home/a', TMPDIR: '/scratch' };
    expect(await loadStorage({ path, env, uid: 4_000_000 })).toMatchObject({
      graphRoot: '/home/a/.local/share/containers/storage',
      runRoot: '/scratch/storage-run-4000000/containers',
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
      quota: { sizeBytes: 10 * 1024 ** 3, inodes: undefined },
      unsupported: ['overlay.use_composefs', 'additionallayerstores'],
      warnings: [],
    });
    const STORAGE_OPTS =
      'overlay.mountopt=nodev,overlay.imagestore=/var/ro,force_mask=700,overlay.inodes=500,overlay.size=';
    expect(await loadStorage({ path, env: { STORAGE_OPTS }, uid: 0 })).toMatchObject({
      mountOptions: ['nodev'],
      additionalImageStores: ['/var/ro'],
      quota: { sizeBytes: undefined, inodes: 500 },
      unsupported: ['overlay.force_mask', 'overlay.use_composefs', 'additionallayerstores'],
    });
  });

  it('reads how layers are synced, whether the home is mounted, and whether containers outlive the machine', async () => {
    await writeFile(
      path,
      `[storage]
       transient_store = true
       [storage.options.overlay]
       sync = "filesystem"
       skip_mount_home = "true"`,
    );
    expect(await loadStorage({ path, env: {}, uid: 0 })).toMatchObject({
      transientStore: true,
      sync: 'filesystem',
      homeMount: false,
      unsupported: [],
      warnings: [],
    });
  });

  it('has images copied for mapped ids where the variable of the Go library says so', async () => {
    await writeFile(path, '[storage]');
    const env = { _CONTAINERS_OVERLAY_DISABLE_IDMAP: 'yes' };
    expect((await loadStorage({ path, env, uid: 0 })).idMappedMounts).toBe(false);
  });

  describe('of several files', () => {
    let options: { env: Record<string, string>; systemDirectories: string[] };
    beforeEach(() => {
      options = {
        env: { XDG_CONFIG_HOME: join(folder, 'home') },
        systemDirectories: [join(folder, 'vendor'), join(folder, 'machine')],
      };
    });

    async function write(files: Record<string, string>): Promise<void> {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
      }
    }

    it("takes the user's before the machine's before the vendor's", async () => {
      const names = ['vendor/storage.conf', 'machine/storage.conf', 'home/containers/storage.conf'];
      for (const name of names) {
        await write({ [name]: `[storage]\ngraphroot = "/${name}"` });
        expect(await loadStorage({ ...options, uid: 0 })).toMatchObject({ graphRoot: `/${name}` });
      }
    });

    it('joins the drop-ins of all by their names, and of two with one name takes the later folder', async () => {
      await write({
        'machine/storage.conf': '[storage]\ndriver = "vfs"\ngraphroot = "/main"',
        'vendor/storage.conf.d/10-a.conf': '[storage]\ngraphroot = "/replaced"\nrunroot = "/replaced"',
        'machine/storage.conf.d/10-a.conf': '[storage]\ndriver = "overlay"',
        'machine/storage.rootful.conf.d/30-c.conf': '[storage.options.overlay]\nmountopt = "rootful"',
        'machine/storage.rootless.conf.d/30-c.conf': '[storage.options.overlay]\nmountopt = "rootless"',
        'machine/storage.rootless.conf.d/7/40-d.conf': '[storage]\ngraphroot = "/seven"',
        'home/containers/storage.conf.d/20-b.conf':
          '[storage.options]\nadditionalimagestores = ["/b"]\n[storage.options.overlay]\nmountopt = "home"\nsync = "filesystem"',
        'home/containers/storage.conf.d/50-e.conf':
          '[storage.options]\nadditionalimagestores = ["/e", {append = true}]',
        'home/containers/storage.conf.d/60-f.txt': 'no configuration',
      });
      const root = await loadStorage({ ...options, uid: 0 });
      expect(root).toMatchObject({
        driver: 'overlay',
        graphRoot: '/main',
        runRoot: '/run/containers/storage',
        mountOptions: ['rootful'],
        additionalImageStores: ['/b', '/e'],
        sync: 'filesystem',
      });
      const env = { ...options.env, XDG_DATA_HOME: '/data' };
      expect(await loadStorage({ ...options, env, uid: 7 })).toMatchObject({
        graphRoot: '/seven',
        mountOptions: ['rootless'],
      });
      // What the machine's main file says of roots is root's.
      expect(await loadStorage({ ...options, env, uid: 8 })).toMatchObject({
        graphRoot: '/data/containers/storage',
        driver: 'overlay',
      });
    });

    it('lets the file of the environment stand alone, and its OVERRIDE have the last word', async () => {
      await write({
        'machine/storage.conf.d/a.conf': '[storage]\nrunroot = "/machine"',
        'named.conf': '[storage]\ngraphroot = "/named"\n[storage.options.overlay]\nsize = "1G"',
        'last.conf': '[storage]\nimagestore = "/images"\n[storage.options.overlay]\nsize = ""',
      });
      const env = {
        ...options.env,
        CONTAINERS_STORAGE_CONF: join(folder, 'named.conf'),
        CONTAINERS_STORAGE_CONF_OVERRIDE: join(folder, 'last.conf'),
      };
      expect(await loadStorage({ ...options, env, uid: 0 })).toMatchObject({
        graphRoot: '/named',
        runRoot: '/run/containers/storage',
        imageStore: '/images',
        quota: { sizeBytes: undefined, inodes: undefined },
        unsupported: [],
      });
      await rm(join(folder, 'last.conf'));
      await expect(loadStorage({ ...options, env, uid: 0 })).rejects.toMatchObject({ code: Code.NotFound });
    });
  });

  const faults: [string, string, RegExp][] = [
    ['no TOML', '[storage\n', /storage\.conf:1:\d+: /],
    ['a number for a path', '[storage]\ngraphroot = 1', /storage\.graphroot: expected a string/],
    ['a relative path', '[storage]\ngraphroot = "../x"', /begins with \//],
    [
      'a word for sync that has no meaning',
      '[storage.options.overlay]\nsync = "files"',
      /none or filesystem/,
    ],
    ['a root in the folder of images', '[storage]\ngraphroot = "/a"\nimagestore = "/a/"', /are both \/a;/],
    ['neither true nor false for owners', '[storage.options]\nignore_chown_errors = "x"', /true or false/],
    ['neither true nor false', '[storage.options.overlay]\nskip_mount_home = "no"', /true or false/],
    [
      'a table in a list that says nothing known',
      '[storage.options]\nadditionalimagestores = [{prepend = true}]',
      /append = true/,
    ],
    [
      'a size that is none',
      '[storage.options.overlay]\nsize = "much"',
      /overlay\.size is "much"; use a size/,
    ],
    ['a size without end', '[storage.options]\nsize = "99999999P"', /use a size/],
    [
      'a part of a file',
      '[storage.options.overlay]\ninodes = "1.5"',
      /overlay\.inodes is "1\.5"; use a whole/,
    ],
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
