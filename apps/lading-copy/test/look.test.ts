// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { chmod, link, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { descriptorOf, encodeJson } from '@lading/image-spec';
import { describe, expect, it, vi } from 'vitest';
import { places, printed, startLadingRegistry } from './places.ts';
import { ladingCopy, later, makeFolder, put, tool } from './world.ts';

const run = promisify(execFile);
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
const plain = '--tls-verify=false';

/** An image whose upper layers replace, remove and hide what lower ones have. */
async function putLayered(cwd: string, reference: string): Promise<void> {
  const at = (name: string): string => join(cwd, 'layers', name);
  for (const name of ['1/etc', '1/srv/old', '1/opt', '2/etc', '2/srv'])
    await mkdir(at(name), { recursive: true });
  await writeFile(at('1/etc/motd'), 'old\n');
  await writeFile(at('1/etc/gone'), 'gone\n');
  await writeFile(at('1/srv/old/file'), 'old\n');
  await writeFile(at('1/opt/tool'), 'tool\n');
  await link(at('1/opt/tool'), at('1/opt/tool-2'));
  await symlink('../etc/motd', at('1/opt/link'));
  await chmod(at('1/opt/tool'), 0o4755);
  await writeFile(at('2/etc/motd'), 'new\n');
  await writeFile(at('2/srv/new'), 'new\n');
  const names = ['etc', 'etc/motd', 'etc/.wh.gone', 'srv', 'srv/.wh..wh..opq', 'srv/new', '.wh.nothing'];
  for (const name of names.filter((name) => name.includes('.wh.'))) await writeFile(at(`2/${name}`), '');
  await run('tar', ['-cf', '1.tar', '-C', '1', '.'], { cwd: join(cwd, 'layers') });
  await run('tar', ['-czf', '2.tar.gz', '--no-recursion', '-C', '2', ...names], { cwd: join(cwd, 'layers') });
  await printed(cwd, ['append', ...insecure, 'scratch', reference, at('1.tar'), at('2.tar.gz')]);
  await printed(cwd, ['mutate', ...insecure, '-e', 'A=b', '--cmd', '/opt/tool', reference, reference]);
}

const listed = [
  ...['etc/', 'etc/motd', 'opt/', 'opt/link -> ../etc/motd', 'opt/tool', 'opt/tool-2 link to opt/tool'],
  ...['srv/', 'srv/new'],
];

/** What GNU tar lists. */
async function tarList(cwd: string, path: string): Promise<readonly string[]> {
  const { stdout } = await run('tar', ['-tvf', path], { cwd });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^(?:\S+\s+){5}/, ''));
}

describe.each(places)('in %s', (_name, makePlace) => {
  async function start() {
    const cwd = await makeFolder();
    const place = await makePlace(cwd);
    await putLayered(cwd, `${place}:1`);
    return { cwd, place };
  }

  it('export writes what a container sees, to a file and to stdout, as another program unpacks it', async () => {
    const { cwd, place } = await start();
    expect(await printed(cwd, ['export', plain, `${place}:1`, 'root.tar'])).toBe('');
    expect(await tarList(cwd, 'root.tar')).toEqual(listed);
    await mkdir(join(cwd, 'root'));
    await run('tar', ['-xpf', 'root.tar', '-C', 'root'], { cwd });
    expect(await readFile(join(cwd, 'root/opt/link'), 'utf8')).toBe('new\n');
    const { stdout } = await run('stat', ['-c', '%a %h', 'root/opt/tool-2'], { cwd });
    expect(stdout).toBe('4755 2\n');
    const archive = await readFile(join(cwd, 'root.tar'));
    expect(Buffer.from(await printed(cwd, ['export', plain, `${place}:1`])).equals(archive)).toBe(true);
  });

  it('flatten makes one layer with the same files and the same configuration', async () => {
    const { cwd, place } = await start();
    const written = await printed(cwd, ['flatten', ...insecure, `${place}:1`, `${place}:flat`]);
    expect(await printed(cwd, ['flatten', ...insecure, `${place}:1`, `${place}:again`])).toBe(written);
    expect(await printed(cwd, ['diff', ...insecure, '--times', `${place}:1`, `${place}:flat`])).toBe('');
    const [before, after] = await Promise.all(
      ['1', 'flat'].map(async (tag) =>
        JSON.parse(await printed(cwd, ['config', 'get', plain, `${place}:${tag}`])),
      ),
    );
    expect(after.rootfs.diff_ids).toHaveLength(1);
    expect(after.history).toMatchObject([
      { created: before.created, created_by: expect.stringMatching(/^flatten sha256:/) },
    ]);
    expect(JSON.parse(after.history[0].comment)).toEqual(before.history);
    expect({ ...after, rootfs: 0, history: 0 }).toEqual({ ...before, rootfs: 0, history: 0 });
    await printed(cwd, ['validate', plain, `${place}:flat`]);
  });

  it('diff lists what differs, in a line each or as JSON, and says so with its exit code', async () => {
    const { cwd, place } = await start();
    const tree = join(cwd, 'more');
    await mkdir(join(tree, 'etc'), { recursive: true });
    await writeFile(join(tree, 'etc/motd'), 'NEW\n', { mode: 0o600 });
    await writeFile(join(tree, 'etc/line\nbreak'), '');
    await writeFile(join(tree, 'etc/.wh.none'), '');
    await symlink('motd', join(tree, 'etc/m'));
    await run('tar', ['-cf', 'more.tar', '-C', 'more', 'etc/motd', 'etc/line\nbreak', 'etc/m'], { cwd });
    await printed(cwd, ['append', ...insecure, `${place}:1`, `${place}:2`, 'more.tar']);
    const same = await ladingCopy(cwd, ['diff', ...insecure, `${place}:1`, `${place}:1`]);
    expect(same).toEqual({ code: 0, stdout: '', stderr: '' });
    const text = await ladingCopy(cwd, ['diff', ...insecure, `${place}:1`, `${place}:2`]);
    expect({ ...text, stderr: '' }).toEqual({
      code: 1,
      stdout: 'A "/etc/line\\012break"\nA /etc/m\nC /etc/motd (mode 0644 -> 0600, content)\n',
      stderr: '',
    });
    const json = await ladingCopy(cwd, ['diff', ...insecure, '--format', 'json', `${place}:2`, `${place}:1`]);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { kind: 'removed', path: '/etc/line\nbreak', before: { type: 'file', size: 0 } },
      { kind: 'removed', path: '/etc/m', before: { type: 'symlink', target: 'motd' } },
      { kind: 'changed', path: '/etc/motd', changes: ['mode', 'content'], after: { mode: '0644', size: 4 } },
    ]);
    const missing = await ladingCopy(cwd, ['diff', ...insecure, `${place}:1`, `${place}:none`]);
    expect({ ...missing, stderr: missing.stderr.includes('none') }).toEqual({
      code: 2,
      stdout: '',
      stderr: true,
    });
    expect((await ladingCopy(cwd, ['diff', ...insecure, '--format', 'xml', 'oci:a', 'oci:b'])).code).toBe(2);
  });

  it('validate reads every image of a list, and prints its digest', async () => {
    const { cwd, place } = await start();
    const platform = { os: 'linux', architecture: 'arm64' };
    const list = await makeTestIndex([{ image: await makeTestImage({ seed: 'x', platform }), platform }]);
    await put(list, `${place}:list`, true);
    const { digest } = list.top;
    expect(await printed(cwd, ['validate', plain, `${place}:list`])).toMatch(new RegExp(`@${digest}\n$`));
    expect(await printed(cwd, ['validate', plain, '--fast', `${place}:list`])).toContain(digest);
  });

  it('get-file prints one file, and reads no layer below the one that has it', async () => {
    const { cwd, place } = await start();
    const get = (path: string, ...more: string[]) =>
      ladingCopy(cwd, ['get-file', plain, `${place}:1`, path, ...more]);
    for (const [path, content] of [
      ['/etc/motd', 'new\n'],
      ['etc/../etc/./motd', 'new\n'],
      ['/opt/link', 'new\n'],
      ['opt/tool-2', 'tool\n'],
      ['/../../srv/new', 'new\n'],
    ] as const) {
      expect({ path, ...(await get(path)) }).toMatchObject({ path, code: 0, stdout: content, stderr: '' });
    }
    expect(await get('/opt/link', 'out')).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('new\n');
    for (const path of ['/etc/gone', '/srv/old/file', '/none', '/opt/tool/x']) {
      expect(await get(path)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/there is no file/),
      });
    }
    expect(await get('/opt')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is a folder, not a file/),
    });
  });

  it('mutate --time-max writes layers with later times anew, and no others', async () => {
    const { cwd, place } = await start();
    const old = join(cwd, 'old');
    await mkdir(old);
    await writeFile(join(old, 'ancient'), '');
    for (const path of [join(old, 'ancient'), old]) await utimes(path, 1e9, 1e9);
    await run('tar', ['-cf', 'old.tar', '-C', 'old', 'ancient'], { cwd });
    await printed(cwd, ['append', ...insecure, `${place}:1`, `${place}:2`, 'old.tar']);
    const argv = ['mutate', ...insecure, '--time-max', '2020-01-01T00:00:00Z', '-l', 'x=y'];
    const written = await printed(cwd, [...argv, `${place}:2`, `${place}:3`]);
    expect(await printed(cwd, [...argv, `${place}:3`, `${place}:4`])).toBe(written);
    const [before, after] = await Promise.all(
      ['2', '3'].map(async (tag) =>
        JSON.parse(await printed(cwd, ['config', 'get', plain, `${place}:${tag}`])),
      ),
    );
    expect(after.created).toBe('2020-01-01T00:00:00.000Z');
    expect(after.config.Labels).toEqual({ x: 'y' });
    for (const { created } of after.history) expect(created).toBe('2020-01-01T00:00:00.000Z');
    expect(after.rootfs.diff_ids[0]).not.toBe(before.rootfs.diff_ids[0]);
    expect(after.rootfs.diff_ids[2]).toBe(before.rootfs.diff_ids[2]);
    expect(await printed(cwd, ['diff', ...insecure, `${place}:2`, `${place}:3`])).toBe('');
    const times = await ladingCopy(cwd, ['diff', ...insecure, '--times', `${place}:2`, `${place}:3`]);
    expect(times.stdout).toMatch(/^C \/etc \(time \S+ -> 2020-01-01T00:00:00Z\)\n/);
    expect(times.stdout).not.toContain('ancient');
    await printed(cwd, ['validate', plain, `${place}:3`]);
    expect((await ladingCopy(cwd, [...argv, '--time-max', '', `${place}:2`, `${place}:5`])).stderr).toMatch(
      /is empty/,
    );
  });

  it('mutate with SOURCE_DATE_EPOCH makes later times of the configuration that one, and no layer', async () => {
    const { cwd, place } = await start();
    const argv = ['mutate', ...insecure, `${place}:1`, `${place}:epoch`];
    const env = { SOURCE_DATE_EPOCH: '1000' };
    expect((await ladingCopy(cwd, argv, { env })).code).toBe(0);
    const [before, after] = await Promise.all(
      ['1', 'epoch'].map(async (tag) =>
        JSON.parse(await printed(cwd, ['config', 'get', plain, `${place}:${tag}`])),
      ),
    );
    const times = [after, ...after.history].flatMap(({ created }) => created ?? []);
    expect(new Set(times)).toEqual(new Set(['1970-01-01T00:16:40.000Z']));
    expect(after.rootfs).toEqual(before.rootfs);
    const wrong = await ladingCopy(cwd, argv, { env: { SOURCE_DATE_EPOCH: 'yesterday' } });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('SOURCE_DATE_EPOCH') });
  });

  it('flatten and mutate --time-max change every image of a list with --all', async () => {
    const { cwd, place } = await start();
    const architectures = ['amd64', 'arm64'];
    const platforms = architectures.map((architecture) => ({ os: 'linux', architecture }));
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: platform.architecture, platform, layers: 3 }),
        platform,
      })),
    );
    await put(await makeTestIndex(images), `${place}:list`, true);
    await printed(cwd, ['flatten', ...insecure, '--all', `${place}:list`, `${place}:flat`]);
    const time = ['--all', '--time-max', '1600000000'];
    await printed(cwd, ['mutate', ...insecure, ...time, `${place}:flat`, `${place}:flat-old`]);
    await printed(cwd, ['validate', plain, `${place}:flat-old`]);
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const argv = ['diff', ...insecure, '--platform', platform];
      expect(await printed(cwd, [...argv, `${place}:list`, `${place}:flat-old`])).toBe('');
      const get = ['manifest', 'get', plain, '--platform', platform, `${place}:flat-old`];
      expect(JSON.parse(await printed(cwd, get)).layers).toHaveLength(1);
    }
  });
});

it('reads an image from every place that images are in, and gives the same files', async () => {
  const cwd = await makeFolder();
  const registry = `docker://${await startLadingRegistry()}/team/app:1`;
  await putLayered(cwd, registry);
  const store = `containers-storage:[overlay@${cwd}/store+${cwd}/run]localhost/team/app:1`;
  const references = [
    ...['dir:folder', 'oci:images:1', 'oci-archive:images.tar:1', 'docker-archive:saved.tar:team/app:1'],
    ...[store],
  ];
  const whole = await printed(cwd, ['export', plain, registry]);
  for (const reference of references) {
    await printed(cwd, ['copy', '-q', '--insecure-policy', ...insecure, registry, reference]);
    expect({ reference, same: (await printed(cwd, ['export', reference])) === whole }).toEqual({
      reference,
      same: true,
    });
    expect(await printed(cwd, ['diff', ...insecure, '--times', registry, reference])).toBe('');
    await printed(cwd, ['validate', reference]);
  }
  await printed(cwd, ['flatten', ...insecure, store, 'docker-archive:flat.tar:team/app:flat']);
  await printed(cwd, ['export', plain, registry, 'root.tar']);
  expect(await tarList(cwd, 'root.tar')).toEqual(listed);
  // A root file system as an archive is an image of one layer itself.
  expect(await printed(cwd, ['diff', '--times', 'tarball:root.tar', store])).toBe('');
});

it('leaves no temporary files, also when it fails', async () => {
  const cwd = await makeFolder();
  const temporary = join(cwd, 'temporary');
  await mkdir(temporary);
  await putLayered(cwd, 'oci:images:1');
  vi.stubEnv('TMPDIR', temporary);
  later(async () => vi.unstubAllEnvs());
  const commands = [
    ['export', 'oci:images:1'],
    ['flatten', 'oci:images:1', 'oci:images:2'],
    ['mutate', '--time-max', '0', 'oci:images:1', 'oci:images:3'],
    ['append', 'scratch', 'oci:images:4', 'layers/1'],
  ];
  for (const argv of commands) {
    await printed(cwd, argv);
    expect(await readdir(temporary)).toEqual([]);
  }
  const [layer] = JSON.parse(await printed(cwd, ['manifest', 'get', 'oci:images:1'])).layers;
  await rm(join(cwd, 'images/blobs/sha256', layer.digest.slice(7)));
  for (const argv of commands.slice(0, 3)) {
    expect((await ladingCopy(cwd, argv)).code).toBe(1);
    expect(await readdir(temporary)).toEqual([]);
  }
});

it('shows the files that podman shows of the image', async () => {
  const cwd = await makeFolder();
  await putLayered(cwd, 'oci:images:1');
  later(() => run('umount', ['-l', join(cwd, 'store/overlay')]).catch(() => undefined));
  const roots = ['--root', join(cwd, 'store'), '--runroot', join(cwd, 'run'), '--storage-driver', 'overlay'];
  const podman = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tool(cwd, 'podman', [...roots, ...argv]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  await printed(cwd, [
    'copy',
    '-q',
    '--insecure-policy',
    'oci:images:1',
    'docker-archive:saved.tar:localhost/a/b:1',
  ]);
  await podman('load', '-q', '-i', 'saved.tar');
  const id = (await podman('create', 'localhost/a/b:1')).trim();
  await podman('export', '-o', 'theirs.tar', id);
  await printed(cwd, ['export', 'oci:images:1', 'ours.tar']);
  const list = async (path: string): Promise<readonly string[]> => {
    const { stdout } = await run('tar', ['--full-time', '--numeric-owner', '-tvf', path], { cwd });
    return (
      stdout
        .split('\n')
        .filter((line) => /^\S+ \S+ +\d+ \S+ \S+ (?:etc|opt|srv)/.test(line))
        // What podman makes for a container, and the time of the folder that it changes for that.
        .filter((line) => !/ etc\/(?:mtab|hosts|hostname|resolv\.conf)?(?: |$)/.test(line))
        .sort()
    );
  };
  expect(await list('ours.tar')).toEqual(await list('theirs.tar'));
});

describe('of a broken or hostile image', () => {
  const tarOf = (...entries: readonly (readonly [name: string, type: string, link?: string])[]): Buffer =>
    Buffer.concat([
      ...entries.map(([name, type, target = '']) => header(name, type, target)),
      Buffer.alloc(1024),
    ]);

  function header(name: string, type: string, target: string): Buffer {
    const block = Buffer.alloc(512);
    block.write(name);
    for (const [at, text] of [
      [100, '0000644'],
      [108, '0000000'],
      [116, '0000000'],
    ] as const)
      block.write(text, at);
    for (const at of [124, 136]) block.write('00000000000', at);
    block.write(type, 156);
    block.write(target, 157);
    block.write('ustar\x0000', 257, 'latin1');
    block.fill(' ', 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return block;
  }

  const hostile: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a path that climbs out', tarOf(['../../outside', '0']), /leads out of the layer/],
    ['a link out, and a file through it', tarOf(['l', '2', '../../outside'], ['l/x', '0']), /not a folder/],
    [
      'a hard link to a file of this machine',
      tarOf(['l', '1', '../../../etc/passwd']),
      /leads out of the layer/,
    ],
    ['a hard link to what only the machine has', tarOf(['l', '1', '/etc/passwd']), /no file of the layer/],
    ['no archive', Buffer.from('no archive'.repeat(100)), /TAR_|tar: |header/],
  ];
  it.each(hostile)(
    'with %s nothing is written, and the file that was there stays',
    async (_name, layer, message) => {
      const cwd = await makeFolder();
      await mkdir(join(cwd, 'deep/er'), { recursive: true });
      const inner = join(cwd, 'deep/er');
      await writeFile(join(inner, 'layer.tar'), layer);
      await writeFile(join(inner, 'root.tar'), 'was there');
      // append would look into it.
      await printed(inner, ['copy', '-q', '--insecure-policy', 'tarball:layer.tar', 'oci:images:1']);
      const before = await readdir(cwd, { recursive: true });
      for (const argv of [
        ['export', 'oci:images:1', 'root.tar'],
        ['export', 'oci:images:1'],
        ['flatten', 'oci:images:1', 'oci:images:2'],
        ['diff', 'oci:images:1', 'oci:images:1', '--times'],
      ]) {
        const { code, stdout, stderr } = await ladingCopy(inner, argv);
        expect({ command: argv[0], code, stdout }).toEqual({
          command: argv[0],
          code: argv[0] === 'diff' ? 2 : 1,
          stdout: '',
        });
        expect(stderr).toMatch(message);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }
      const { code, stdout } = await ladingCopy(inner, ['validate', 'oci:images:1']);
      expect(code).toBe(1);
      expect(stdout).toMatch(message);
      expect(await readdir(cwd, { recursive: true })).toEqual(before);
      expect(await readFile(join(inner, 'root.tar'), 'utf8')).toBe('was there');
    },
  );

  it('diff says which of both images cannot be read', async () => {
    const cwd = await makeFolder();
    const images = [await makeTestImage({ seed: 'whole' }), await makeTestImage({ seed: 'broken' })] as const;
    await put(images[0], `oci:${cwd}/whole:x`);
    await put(images[1], `oci:${cwd}/broken:x`);
    await rm(join(cwd, 'broken/blobs/sha256', images[1].layers[1]?.digest.slice(7) ?? ''));
    for (const argv of [
      ['oci:broken:x', 'oci:whole:x'],
      ['oci:whole:x', 'oci:broken:x'],
    ]) {
      const { code, stderr } = await ladingCopy(cwd, ['diff', ...argv]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^Error: reading oci:broken:x: the blob sha256:[^\n]+ is not there /),
      });
    }
  });

  it('validate names each fault: blobs that are missing or changed, lies of sizes, diffIDs and lists', async () => {
    const cwd = await makeFolder();
    const [good, other] = [await makeTestImage({ seed: 'good' }), await makeTestImage({ seed: 'other' })];
    const blob = (digest: string): string => join(cwd, 'images/blobs/sha256', digest.slice(7));
    const faults = async (...flags: readonly string[]): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await ladingCopy(cwd, ['validate', ...flags, 'oci:images:1']);
      const lines = stdout.trim().split('\n');
      if (code === 0) return [];
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `Error: reading oci:images:1: ${lines.length} ${lines.length === 1 ? 'fault' : 'faults'}\n`,
      });
      return lines;
    };
    const [layer] = good.layers;
    if (layer === undefined) throw new Error('it has layers');
    const fresh = async (image = good): Promise<void> => {
      await rm(join(cwd, 'images'), { recursive: true, force: true });
      await put(image, `oci:${cwd}/images:1`);
    };
    await fresh();
    expect(await faults()).toEqual([]);
    await rm(blob(layer.digest));
    expect(await faults()).toEqual([expect.stringContaining(`${layer.digest}: the blob`)]);
    expect(await faults('--fast')).toEqual([]);
    await fresh();
    const bytes = await readFile(blob(layer.digest));
    bytes[bytes.length - 1] = 1 ^ (bytes.at(-1) ?? 0);
    await writeFile(blob(layer.digest), bytes);
    await rm(blob(good.config.digest));
    expect((await faults('--fast'))[0]).toContain(good.config.digest);
    await fresh();
    await writeFile(blob(layer.digest), bytes);
    expect((await faults())[0]).toContain(layer.digest);
    await fresh(await makeTestImage({ seed: 'good', diffIdsOf: other }));
    expect(await faults()).toEqual([
      expect.stringContaining('not the one that its image lists'),
      expect.stringContaining('not the one that its image lists'),
    ]);
    // A list that says another platform and size than its image has.
    await fresh();
    const entry = await descriptorOf(good.top.mediaType, good.top.bytes, {
      platform: { os: 'linux', architecture: 's390x' },
    });
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [entry],
    };
    await writeFile(join(cwd, 'list.json'), encodeJson(index));
    await printed(cwd, ['manifest', 'put', 'oci:images:1', 'list.json']);
    expect(await faults('--fast')).toEqual([expect.stringContaining('the list says linux/s390x')]);
  });
});
