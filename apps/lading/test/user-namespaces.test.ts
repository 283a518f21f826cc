// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, self, type World } from './world.ts';

const exec = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const run = (flags: string, ...command: readonly string[]) =>
  world.lading([...`run --network none ${flags}`.split(' '), world.image, ...command]);

const idsInside = ['sh', '-c', 'cat /proc/self/uid_map /proc/self/gid_map'];
const told = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '));

describe('--uidmap', () => {
  it.each([
    ['--uidmap 0:100000:65536', ['0 100000 65536', '0 100000 65536']],
    ['--gidmap 0:200000:10', ['0 200000 10', '0 200000 10']],
    [
      '--uidmap 0:100000:10 --uidmap 10:300000:5 --gidmap 0:200000:10',
      ['0 100000 10', '10 300000 5', '0 200000 10'],
    ],
  ])('%s gives these ids', async (flags, expected) => {
    const { code, out } = await run(`--rm ${flags}`, ...idsInside);
    expect({ code, ids: told(out) }).toEqual({ code: 0, ids: expected });
  });

  it('gives files of the container these owners outside', async () => {
    const shared = join(world.dir, 'shared');
    await mkdir(shared, { mode: 0o777 });
    await exec('chmod', ['777', shared]);
    const { code } = await run(
      `--name mapped --userns private --uidmap 0:100000:65536 -v ${shared}:/shared`,
      'sh',
      '-c',
      'echo hello > /shared/file',
    );
    expect(code).toBe(0);
    expect(statSync(join(shared, 'file'))).toMatchObject({ uid: 100_000, gid: 100_000 });
    const { out } = await world.lading([
      'inspect',
      '--format',
      '{{.HostConfig.UsernsMode}} {{.HostConfig.IDMappings.UidMap}} {{.HostConfig.IDMappings.GidMap}}',
      'mapped',
    ]);
    expect(out).toBe('private [0:100000:65536] [0:100000:65536]\n');
  });

  it('is shared by another container', async () => {
    await run('-d --name first --uidmap 0:100000:65536', 'sleep', '600');
    const script = ['sh', '-c', 'cat /proc/self/uid_map; readlink /proc/self/ns/user; ls -ln /bin/busybox'];
    const shared = await run('--rm --userns container:first', ...script);
    expect(shared.err).toBe('');
    expect(told(shared.out)[0]).toBe('0 100000 65536');
    expect(shared.out).toBe((await world.lading(['exec', 'first', ...script])).out);
    await world.lading('rm -f -t 0 first');
    const { code, err } = await run('--rm --userns container:first', 'true');
    expect([code, err]).toEqual([125, expect.stringMatching(/first/)]);
  });

  it.each([
    ['--uidmap 0', 'invalid id map'],
    ['--uidmap 1:100000:10', 'no range holds the id 0'],
    ['--uidmap 0:100000:10 --userns auto', 'cannot be set together'],
    ['--userns keep-id', 'without root'],
    ['--subuidname nobody-has-it', '/etc/subuid has no range'],
  ])('%s is refused', async (flags, message) => {
    const { code, out, err } = await run(`--rm ${flags}`, 'true');
    expect({ code, out }).toEqual({ code: 125, out: '' });
    expect(err).toContain(message);
  });
});

describe('--rootfs :idmap', () => {
  it('shows a folder of the host with the ids of the container, and leaves it the ids of the host', async () => {
    const folder = join(world.dir, 'folder');
    await mkdir(folder);
    const create = `create --name files --network none ${world.image} true`;
    await world.lading(create);
    const tar = join(world.dir, 'folder.tar');
    await world.lading(['export', '-o', tar, 'files']);
    await exec('tar', ['-xf', tar, '-C', folder]);
    await exec('chown', ['-R', '0:0', folder]);
    const words = `create --name shown --network none --uidmap 0:100000:65536 --rootfs ${folder}:idmap`;
    const script = 'cat /proc/self/uid_map; ls -ldn /bin/busybox /copied; touch /new';
    expect((await world.lading([...words.split(' '), 'sh', '-c', script])).err).toBe('');
    await writeFile(join(world.dir, 'copied'), '');
    expect((await world.lading(['cp', join(world.dir, 'copied'), 'shown:/copied'])).err).toBe('');
    const { code, out } = await world.lading('start -a shown');
    expect(code).toBe(0);
    expect(told(out)).toEqual([
      '0 100000 65536',
      expect.stringMatching(/^-\S+ 1 0 0 .*busybox$/),
      expect.stringMatching(/^-\S+ 1 0 0 .*copied$/),
    ]);
    expect(statSync(join(folder, 'new'))).toMatchObject({ uid: 0, gid: 0 });
    await world.lading('rm files shown');
  });
});

/** Runs a shell where /etc/subuid and /etc/subgid have lines of the test's; `$TOOL` is the program. */
async function shellWithSubIds(lines: string, script: string, ...args: readonly string[]): Promise<string> {
  const path = join(world.dir, 'subids');
  await writeFile(path, lines);
  const bind = `for kind in uid gid; do mount --bind ${path} /etc/sub$kind; done;`;
  const { stdout } = await exec('unshare', ['--mount', 'sh', '-ec', `${bind} ${script}`, 'sh', ...args], {
    env: { ...world.env, TOOL: self.join(' ') },
  });
  return stdout;
}

const withSubIds = (lines: string, argv: readonly string[]): Promise<string> =>
  shellWithSubIds(lines, '$TOOL "$@"', ...argv);

const words = (flags: string): string[] => [
  'run',
  '--network',
  'none',
  '--rm',
  ...flags.split(' '),
  world.image,
];

describe('--userns=auto', () => {
  it.each([
    ['--userns auto:size=300', ['0 700000 300', '0 700000 300']],
    ['--userns=auto', ['0 700000 1024', '0 700000 1024']],
    [
      '--userns auto:size=300,uidmapping=5:900000:1',
      ['0 700000 5', '6 700005 294', '5 900000 1', '0 700000 300'],
    ],
  ])('%s gives ids of the user containers', async (flags, expected) => {
    const out = await withSubIds('containers:700000:100000\n', [...words(flags), ...idsInside]);
    expect(told(out).toSorted()).toEqual(expected.toSorted());
  });
});

it('pod create --userns auto gives the containers of a pod the same ids, and its clone others', async () => {
  const script = `
    ids() { $TOOL run --rm --network none $1 ${world.image} cat /proc/self/uid_map; }
    $TOOL pod create --name first --network none --userns auto:size=300 >&2
    for i in 1 2; do $TOOL run --rm --pod first ${world.image} cat /proc/self/uid_map; done
    ids --userns=auto:size=10
    $TOOL pod clone --name second first >&2
    $TOOL run --rm --pod second ${world.image} cat /proc/self/uid_map
    $TOOL ps --all --external --format {{.Names}} | sed '/^mapped$/d' # of a test before
    $TOOL pod rm -f first second >&2
    ids --userns=auto:size=10`;
  expect(told(await shellWithSubIds('containers:700000:100000\n', script))).toEqual([
    ...['0 700000 300', '0 700000 300', '0 700300 10', '0 700300 300', '0 700000 10'],
  ]);
});

it('--subuidname gives the ranges of a name', async () => {
  const out = await withSubIds('web:800000:20\nweb:900000:10\n', [
    ...words('--subuidname web'),
    ...idsInside,
  ]);
  const ranges = ['0 800000 20', '20 900000 10'];
  expect(told(out)).toEqual([...ranges, ...ranges]);
});
