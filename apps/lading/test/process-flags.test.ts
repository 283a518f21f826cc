// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const run = (flags: string, script: string) =>
  world.lading([...`run --rm --network none ${flags}`.split(' '), world.image, 'sh', '-c', script]);

describe('lading run', () => {
  it.each([
    ['has the umask 0022', '-l a=b', 'umask', '0022\n'],
    ['takes another --umask', '--umask 0077', 'umask', '0077\n'],
    ['--unsetenv takes a variable of the image away', '--unsetenv FROM_IMAGE', 'echo "$FROM_IMAGE."', '.\n'],
    ['--unsetenv leaves one of --env', '--unsetenv A --env A=1', 'echo $A', '1\n'],
    [
      '--unsetenv-all takes all but those of --env away',
      '--unsetenv-all -e A=1 -e PATH=/bin',
      'echo $A$FROM_IMAGE$container',
      '1\n',
    ],
    [
      '--no-hosts leaves the file of the image',
      '--no-hosts',
      'grep -q localhost.localdomain /etc/hosts 2>/dev/null || echo none of ours',
      'none of ours\n',
    ],
    ['--tz sets the zone', '--tz Asia/Tokyo', 'date +%z', '+0900\n'],
  ])('%s', async (_name, flags, script, expected) => {
    expect((await run(flags, script)).out).toBe(expected);
  });

  it('--pidfile has the id of the process', async () => {
    const file = join(world.dir, 'own.pid');
    const words = `run -d --name pidded --pidfile ${file} --network none`.split(' ');
    await world.lading([...words, world.image, 'sleep', '1000']);
    const pid = (await world.lading('inspect --format {{.State.Pid}} pidded')).out.trim();
    expect(await readFile(file, 'utf8')).toBe(pid);
    await world.lading('rm -f -t 0 pidded');
  });

  it('--timeout kills what runs too long', async () => {
    expect((await run('--timeout 1', 'sleep 1000')).code).toBe(255);
  });

  it.each([
    ['--umask 99', 'invalid umask "99"'],
    ['--tz Mars/Base', 'unrecognized timezone "Mars/Base"'],
    ['--tz ../../../etc/passwd', 'unrecognized timezone'],
  ])('refuses %s', async (flags, message) => {
    const { code, err } = await run(flags, 'true');
    expect({ code, lines: err.split('\n').length }).toEqual({ code: 125, lines: 2 });
    expect(err).toContain(message);
  });
});
