// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

afterEach(async () => {
  await world.lading('rm -f -t 0 --all');
  await world.lading('volume rm --all');
});

const shell = (flags: string, script: string) =>
  world.lading([...`run --network none ${flags}`.trim().split(' '), world.image, 'sh', '-c', script]);
const out = async (line: string) => (await world.lading(line)).out;

describe('lading volume', () => {
  it('creates, lists, inspects and removes', async () => {
    expect(await world.lading('volume create --label a=b data')).toEqual({ code: 0, out: 'data\n', err: '' });
    expect(await out('volume ls')).toBe('DRIVER      VOLUME NAME\nlocal       data\n');
    expect(await out('volume ls -q --filter label=a=b')).toBe('data\n');
    expect(await out('volume ls -q --filter label=a=c')).toBe('');
    const [details] = JSON.parse(await out('volume inspect data'));
    expect(details).toMatchObject({
      Name: 'data',
      Driver: 'local',
      Labels: { a: 'b' },
      Scope: 'local',
      Options: {},
    });
    expect((await stat(details.Mountpoint)).isDirectory()).toBe(true);
    expect((await world.lading('volume exists data')).code).toBe(0);
    expect(await world.lading('volume rm data')).toEqual({ code: 0, out: 'data\n', err: '' });
    expect((await world.lading('volume exists data')).code).toBe(1);
  });

  const failures: [string, number, string][] = [
    ['volume create twice', 125, 'volume with name twice already exists: volume already exists'],
    ['volume create a/b', 125, '"a/b" is no name for a volume'],
    ['volume create -o type=nfs x', 125, 'volume type "nfs" is not supported'],
    ['volume rm nosuch', 1, 'no volume with name "nosuch" found: no such volume'],
    ['volume inspect nosuch', 125, 'inspecting object: no volume with name "nosuch" found'],
    ['volume ls --filter x=y', 125, '"x" is an invalid volume filter'],
    ['volume rm', 125, 'choose either one or more volumes or all'],
  ];
  it.each(failures)('%s ends with %i', async (line, code, message) => {
    await world.lading('volume create twice');
    const ended = await world.lading(line);
    expect(ended.code).toBe(code);
    expect(ended.err).toContain(message);
    expect(ended.err.trim().split('\n')).toHaveLength(1);
  });

  it('keeps what containers write, and is not removed under them', async () => {
    expect(await shell('--name writer -v data:/data', 'echo kept > /data/file')).toMatchObject({
      code: 0,
      err: '',
    });
    expect(
      (await shell('--rm -v data:/elsewhere:ro', 'cat /elsewhere/file; echo x > /elsewhere/file')).out,
    ).toBe('kept\n');
    const refused = await world.lading('volume rm data');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('is being used by the following container(s)');
    expect((await world.lading('volume rm -f data')).code).toBe(0);
    expect(await out('ps -a -q')).toBe('');
  });

  it('prunes what no container uses', async () => {
    await world.lading('volume create idle');
    await shell('-v busy:/x', 'true');
    expect(await out('volume prune -f')).toBe('idle\n');
    expect(await out('volume ls -q')).toBe('busy\n');
  });

  it('goes out as an archive and comes back', async () => {
    await shell('-v one:/x', 'mkdir /x/sub; echo text > /x/sub/file; ln -s sub/file /x/link');
    const file = join(world.dir, 'one.tar');
    expect(await world.lading(`volume export one -o ${file}`)).toEqual({ code: 0, out: '', err: '' });
    await world.lading('volume create two');
    expect(await world.lading(`volume import two ${file}`)).toEqual({ code: 0, out: '', err: '' });
    expect((await shell('-v two:/y', 'cat /y/link')).out).toBe('text\n');
    expect((await world.lading(['volume', 'import', 'two', '-'], 'no archive')).code).toBe(125);
  });
});

describe('volumes of containers', () => {
  it('are filled with what the image has at the place, with its owner, once', async () => {
    expect((await shell('--rm -v etc:/etc', 'cat /etc/passwd; echo mine > /etc/passwd')).out).toContain(
      'root:x:0:0',
    );
    expect((await shell('--rm -v etc:/etc', 'cat /etc/passwd')).out).toBe('mine\n');
    expect((await shell('--rm -v bare:/etc:nocopy', '[ -e /etc/passwd ] || echo bare')).out).toBe('bare\n');
  });

  it('without a name go with --rm and rm -v, and stay otherwise', async () => {
    await shell('--rm -v /anonymous', 'echo x > /anonymous/file');
    expect(await out('volume ls -q')).toBe('');
    await shell('--name keeps -v /anonymous', 'true');
    await shell('--name drops -v /anonymous -v named:/named', 'true');
    const before = (await out('volume ls -q')).trim().split('\n');
    expect(before).toHaveLength(3);
    await world.lading('rm -v drops');
    await world.lading('rm keeps');
    const left = (await out('volume ls -q')).trim().split('\n');
    expect(left).toHaveLength(2);
    expect(left).toContain('named');
  });

  it('come from another container with --volumes-from, read-only if asked', async () => {
    await shell('--name first -v shared:/shared', 'echo seen > /shared/file');
    expect((await shell('--rm --volumes-from first', 'cat /shared/file')).out).toBe('seen\n');
    expect((await shell('--rm --volumes-from first:ro', 'echo x > /shared/file')).code).not.toBe(0);
  });

  it('are in inspect', async () => {
    await shell('--name one -v data:/data:ro', 'true');
    const [details] = JSON.parse(await out('inspect one'));
    const [volume] = JSON.parse(await out('volume inspect data'));
    expect(details.Mounts).toMatchObject([
      {
        Type: 'volume',
        Name: 'data',
        Source: volume.Mountpoint,
        Destination: '/data',
        Driver: 'local',
        RW: false,
      },
    ]);
  });
});

describe('mounts', () => {
  it('of an overlay keep the folder of the host as it is', async () => {
    const folder = join(world.dir, 'lower');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'file'), 'host\n');
    expect((await shell(`--rm -v ${folder}:/x:O`, 'echo inside > /x/file; cat /x/file')).out).toBe(
      'inside\n',
    );
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('host\n');
  });

  it('with U belong to the user of the container', async () => {
    const folder = join(world.dir, 'owned');
    await mkdir(join(folder, 'sub'), { recursive: true });
    expect(
      (await shell(`--rm -u guest -v ${folder}:/x:U`, 'echo mine > /x/sub/file; cat /x/sub/file')).out,
    ).toBe('mine\n');
    expect((await stat(join(folder, 'sub'))).uid).toBe(1000);
  });

  it('of a glob are one for each file', async () => {
    const folder = join(world.dir, 'glob');
    await mkdir(folder, { recursive: true });
    for (const name of ['a.conf', 'b.conf', 'c.txt']) await writeFile(join(folder, name), name);
    expect((await shell(`--rm --mount type=glob,src=${folder}/*.conf,dst=/conf`, 'ls /conf')).out).toBe(
      'a.conf\nb.conf\n',
    );
    expect((await shell(`--rm --mount type=glob,src=${folder}/*.none,dst=/conf`, 'true')).err).toContain(
      'no file paths matching glob',
    );
  });

  it('of an image have its files', async () => {
    const { out: text } = await shell(
      `--rm --mount type=image,src=${world.image},dst=/other`,
      'cat /other/etc/passwd; (: > /other/x) || echo read-only',
    );
    expect(text).toContain('root:x:0:0');
    expect(text).toContain('read-only');
  });
});
