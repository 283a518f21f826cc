// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
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

/** A limit by its name on cgroup v1 and on v2. */
const limit = (v1: string, v2: string) => `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`;

describe('lading run', () => {
  it('--label-file, which --label wins over', async () => {
    const file = join(world.dir, 'labels');
    await writeFile(file, '# a comment\none=1\ntwo=file\n');
    const flags = `--name labelled --network none --label-file ${file} --label two=flag`;
    await world.lading([...`create ${flags}`.split(' '), world.image, 'true']);
    const format = '{{.Config.Labels.one}} {{.Config.Labels.two}}';
    expect((await world.lading(['inspect', '--format', format, 'labelled'])).out).toBe('1 flag\n');
  });

  it('--log-opt path, where the log then is', async () => {
    const path = join(world.dir, 'own.log');
    const words = `run -d --name logged --network none --log-opt path=${path}`.split(' ');
    await world.lading([...words, world.image, 'echo', 'said']);
    await world.lading('wait logged');
    expect((await world.lading('logs logged')).out).toBe('said\n');
    expect((await world.lading('inspect --format {{.HostConfig.LogConfig.Path}} logged')).out).toBe(
      `${path}\n`,
    );
  });
});

describe('what run refuses', () => {
  it.each([
    ['--log-opt what=1', 'unsupported log option "what=1"'],
    ['--label =x', 'a label needs a name'],
  ])('%s', async (flags, message) => {
    const words = `run --rm --network none ${flags}`.split(' ');
    const { code, err } = await world.lading([...words, world.image, 'true']);
    expect({ code, lines: err.split('\n').length }).toEqual({ code: 125, lines: 2 });
    expect(err).toContain(message);
  });
});

describe('commands on several containers', () => {
  const make = async (...names: readonly string[]) => {
    for (const name of names) {
      const words = `run -d --name ${name} --label group=some --network none`.split(' ');
      expect((await world.lading([...words, world.image, 'sleep', '1000'])).code).toBe(0);
    }
  };

  it('take them by --filter, --cidfile and --latest', async () => {
    await make('first', 'second');
    const file = join(world.dir, 'first.cid');
    await writeFile(file, (await world.lading('inspect --format {{.Id}} first')).out);
    const state = async () =>
      (await world.lading(['ps', '-a', '--filter', 'label=group=some', '--format', '{{.Names}} {{.State}}']))
        .out;
    expect((await world.lading('pause --filter label=group=some')).code).toBe(0);
    expect((await state()).match(/Paused/g)).toHaveLength(2);
    expect((await world.lading('unpause --all')).code).toBe(0);
    expect((await world.lading('kill --latest')).code).toBe(0);
    expect((await world.lading('wait second')).out).toBe('137\n');
    expect((await world.lading(`stop -t 0 --cidfile ${file}`)).code).toBe(0);
    expect((await state()).match(/Exited/g)).toHaveLength(2);
    expect((await world.lading('start --filter label=group=some')).out.split('\n')).toHaveLength(3);
    expect((await world.lading('restart -t 0 --running')).err).toContain(
      'you must provide at least one name',
    );
    expect((await world.lading('rm -f -t 0 --filter label=group=some')).code).toBe(0);
    expect(await state()).toBe('');
  });

  it('update changes the limits of one that runs', async () => {
    await make('limited');
    const id = (await world.lading('inspect --format {{.Id}} limited')).out;
    expect(await world.lading('update --memory 64m --cpu-shares 512 limited')).toEqual({
      code: 0,
      out: id,
      err: '',
    });
    const script = limit('memory/memory.limit_in_bytes', 'memory.max');
    expect((await world.lading(['exec', 'limited', 'sh', '-c', script])).out).toBe('67108864\n');
    expect((await world.lading('inspect --format {{.HostConfig.Memory}} limited')).out).toBe('67108864\n');
    await world.lading('rm -f -t 0 limited');
  });

  it('wait --condition waits for a state, and says -1 of one that has not ended', async () => {
    await world.lading(`create --name later --network none ${world.image} sleep 1000`);
    const waited = world.lading('wait --condition running --interval 20ms later');
    await world.lading('start later');
    expect(await waited).toEqual({ code: 0, out: '-1\n', err: '' });
    await world.lading('rm -f -t 0 later');
    expect((await world.lading('wait --condition dancing later')).err).toBe(
      'Error: unknown container state: dancing: invalid argument\n',
    );
  });
});
