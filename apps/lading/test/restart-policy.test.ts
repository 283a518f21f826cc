// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
  await mkdir(join(world.dir, 'shared'));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const show = async (name: string, format: string): Promise<string> =>
  (await world.lading(['inspect', '--format', format, name])).out.trim();

/** A container that writes a line for each of its lives. */
async function start(name: string, flags: string, script: string): Promise<() => Promise<number>> {
  const file = join(world.dir, 'shared', name);
  await writeFile(file, '');
  const words = `run -d --name ${name} --network none -v ${world.dir}/shared:/shared ${flags}`.split(' ');
  const started = await world.lading([
    ...words,
    world.image,
    'sh',
    '-c',
    `echo life >> /shared/${name}; ${script}`,
  ]);
  expect(started).toMatchObject({ code: 0, err: '' });
  return async () => (await readFile(file, 'utf8')).split('\n').length - 1;
}

describe('lading run --restart', () => {
  it('on-failure:2 starts a command that fails two times more', async () => {
    const lives = await start('failing', '--restart on-failure:2', 'exit 3');
    await eventually(
      () => show('failing', '{{.State.Status}} {{.RestartCount}}'),
      (text) => text === 'exited 2',
    );
    expect(await lives()).toBe(3);
    expect(await show('failing', '{{.State.ExitCode}} {{.HostConfig.RestartPolicy}}')).toBe(
      '3 {on-failure 2}',
    );
  });

  it('on-failure leaves a command that succeeds alone', async () => {
    const lives = await start('succeeding', '--restart on-failure', 'exit 0');
    await eventually(
      () => show('succeeding', '{{.State.Status}}'),
      (text) => text === 'exited',
    );
    expect(await world.lading('container cleanup succeeding')).toMatchObject({ code: 0 });
    expect(await lives()).toBe(1);
  });

  it('always starts it again also after success, until it is stopped', async () => {
    const lives = await start(
      'steady',
      '--restart always',
      'test $(wc -l < /shared/steady) -lt 3 || sleep 1000',
    );
    await eventually(lives, (count) => count === 3);
    await eventually(
      () => show('steady', '{{.State.Status}} {{.RestartCount}}'),
      (text) => text === 'running 2',
    );
    expect(await world.lading('stop -t 0 steady')).toMatchObject({ code: 0, out: 'steady\n' });
    // What the monitor calls by itself may have come already, or come later: it changes nothing.
    expect(await world.lading('container cleanup steady')).toMatchObject({ code: 0 });
    expect(await show('steady', '{{.State.Status}}')).toBe('exited');
    expect(await world.lading('start steady')).toMatchObject({ code: 0 });
    expect(await show('steady', '{{.State.Status}} {{.RestartCount}}')).toBe('running 0');
    expect(await lives()).toBe(4);
    expect((await world.lading('ps --filter restart-policy=always --format {{.Names}}')).out).toBe(
      'steady\n',
    );
    expect(await world.lading('rm -f -t 0 steady')).toMatchObject({ code: 0 });
  });

  it('stop ends one that restarts all the time', async () => {
    await start('restless', '--restart always', 'exit 1');
    await eventually(
      () => show('restless', '{{.RestartCount}}'),
      (text) => Number(text) > 1,
    );
    expect(await world.lading('stop -t 0 restless')).toMatchObject({ code: 0 });
    expect(await world.lading('container cleanup restless')).toMatchObject({ code: 0 });
    expect(await show('restless', '{{.State.Status}}')).toBe('exited');
  });

  it.each([
    ['--restart sometimes', 'restart policy "sometimes" is not valid'],
    ['--restart always:3', 'restart policy retries can only be specified with on-failure restart policy'],
    ['--restart on-failure:x', 'error parsing restart policy retry count: "x"'],
    ['--restart always --rm', 'the --rm option conflicts with --restart'],
  ])('%s is refused', async (flags, message) => {
    const { code, err } = await world.lading(`run ${flags} ${world.image} true`);
    expect(code).toBe(125);
    expect(err).toContain(message);
  });
});
