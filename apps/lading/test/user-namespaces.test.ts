// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, self, type World } from './world.ts';

const exec = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.lading(`pull -q --tls-verify=false ${world.image}`);
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

/** Runs the program where /etc/subuid and /etc/subgid have lines of the test's. */
async function withSubIds(lines: string, argv: readonly string[]): Promise<string> {
  const path = join(world.dir, 'subids');
  await writeFile(path, lines);
  const script = 'for kind in uid gid; do mount --bind "$0" /etc/sub$kind; done; exec "$@"';
  const { stdout } = await exec('unshare', ['--mount', 'sh', '-ec', script, path, ...self, ...argv], {
    env: world.env,
  });
  return stdout;
}

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

it('--subuidname gives the ranges of a name', async () => {
  const out = await withSubIds('web:800000:20\nweb:900000:10\n', [
    ...words('--subuidname web'),
    ...idsInside,
  ]);
  const ranges = ['0 800000 20', '20 900000 10'];
  expect(told(out)).toEqual([...ranges, ...ranges]);
});
