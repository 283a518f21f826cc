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

describe('lading update', () => {
  it('--restart gives and takes a policy, and starts none that is down', async () => {
    const lives = await start(
      'changed',
      '--pids-limit 50',
      'test $(wc -l < /shared/changed) -lt 3 || sleep 1000; exit 3',
    );
    await eventually(
      () => show('changed', '{{.State.Status}}'),
      (text) => text === 'exited',
    );
    expect(await world.lading('update --restart on-failure:5 changed')).toMatchObject({ code: 0, err: '' });
    expect(await show('changed', '{{.HostConfig.RestartPolicy}}')).toBe('{on-failure 5}');
    await world.lading('container cleanup changed');
    expect(await lives()).toBe(1);
    expect(await world.lading('start changed')).toMatchObject({ code: 0 });
    await eventually(lives, (count) => count === 3);
    await eventually(
      () => show('changed', '{{.State.Status}}'),
      (text) => text === 'running',
    );
    expect(await world.lading('update --restart no changed')).toMatchObject({ code: 0, err: '' });
    await world.lading('kill changed');
    await world.lading('wait changed');
    expect(await show('changed', '{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}')).toBe('exited');
    expect(await lives()).toBe(3);
  });

  it('refuses a policy for one that removes itself', async () => {
    await start('passing', '--rm', 'sleep 1000');
    const { code, err } = await world.lading('update --restart always passing');
    expect(code).toBe(125);
    expect(err).toContain('removes itself');
    expect(await world.lading('update --restart no passing')).toMatchObject({ code: 0 });
    await world.lading('rm -f -t 0 passing');
  });

  it('--env and --unsetenv count from the next start', async () => {
    await world.lading(`run -d --name varied --network none -e A=1 -e B=2 ${world.image} sleep 1000`);
    const changed = 'update --env A=3 --env C=4 --unsetenv B --unsetenv FROM_IMAGE varied';
    expect(await world.lading(changed)).toMatchObject({ code: 0, err: '' });
    const variables = async () =>
      (await world.lading('exec varied env')).out.match(/^(A|B|C|FROM_IMAGE)=.*$/gm)?.toSorted();
    await world.lading('restart -t 0 varied');
    expect(await variables()).toEqual(['A=3', 'C=4']);
    expect(await show('varied', '{{.Config.Env}}')).toContain('A=3 C=4');
    await world.lading('rm -f -t 0 varied');
  });

  it('--health… changes the check of one that runs, and begins it anew', async () => {
    await world.lading(`run -d --name sick --network none ${world.image} sleep 1000`);
    const refused = await world.lading('update --health-retries 1 sick');
    expect(refused).toMatchObject({ code: 125, err: expect.stringContaining('no health check') });
    const words = ['update', '--health-cmd', 'false', '--health-interval', '1s', '--health-retries', '2'];
    expect(await world.lading([...words, 'sick'])).toMatchObject({ code: 0, err: '' });
    await eventually(
      () => show('sick', '{{.State.Health.Status}}'),
      (text) => text === 'unhealthy',
    );
    expect(await world.lading('update --health-cmd true sick')).toMatchObject({ code: 0, err: '' });
    expect(await show('sick', '{{.Config.Healthcheck.Retries}}')).toBe('2');
    await eventually(
      () => show('sick', '{{.State.Health.Status}}'),
      (text) => text === 'healthy',
    );
    expect(await world.lading('update --no-healthcheck sick')).toMatchObject({ code: 0, err: '' });
    expect((await world.lading('healthcheck run sick')).code).not.toBe(0);
    await world.lading('rm -f -t 0 sick');
  });
});

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
