// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const show = async (name: string, format: string): Promise<string> =>
  (await world.lading(['inspect', '--format', format, name])).out.trim();

async function start(name: string, check: string, flags = '', command = 'sleep 1000'): Promise<void> {
  const words = `run -d --name ${name} --network none --health-retries 1 ${flags}`.trim().split(' ');
  const argv = [...words, '--health-cmd', check, world.image, ...command.split(' ')];
  expect(await world.lading(argv)).toMatchObject({ code: 0, err: '' });
}

/** The shells that have a container checked, and what they have forked that is no other program yet. */
async function shellsOf(name: string): Promise<string[]> {
  const id = await show(name, '{{.Id}}');
  return globSync('/proc/[0-9]*/cmdline').filter((file) => {
    try {
      const line = readFileSync(file, 'utf8');
      return line.includes('nap=') && line.includes(id);
    } catch {
      return false; // it has ended
    }
  });
}

/** Waits until so many shells are left: one that is ended first ends its command, which may have restarted the container. */
const shells = (name: string, count: number) =>
  eventually(
    () => shellsOf(name),
    (found) => found.length === count,
  );

describe('health checks', () => {
  it('are run from time to time, and end with the container', async () => {
    await start('timed', 'echo x >> /count; test $(wc -l < /count) -lt 3', '--health-interval 1s');
    await eventually(
      () => show('timed', '{{.State.Health.Status}}'),
      (status) => status === 'healthy',
    );
    await eventually(
      () => show('timed', '{{.State.Health.Status}}'),
      (status) => status === 'unhealthy',
    );
    await shells('timed', 1);
    await world.lading('stop -t 0 timed');
    await shells('timed', 0);
    await world.lading('start timed');
    await shells('timed', 1);
    expect(await show('timed', '{{.State.Health.Status}} {{.State.Health.FailingStreak}}')).toBe(
      'starting 0',
    );
  });

  it('end when everything was killed', async () => {
    await start('killed', 'true', '--health-interval 1s');
    const [pid, monitor] = (await show('killed', '{{.State.Pid}} {{.State.ConmonPid}}')).split(' ');
    // So nobody cleans up.
    process.kill(Number(monitor), 'SIGKILL');
    process.kill(Number(pid), 'SIGKILL');
    await shells('killed', 0);
  });

  it('are not run without an interval', async () => {
    await start('asked', 'true', '--health-interval disable');
    expect(await shellsOf('asked')).toEqual([]);
    await world.lading('healthcheck run asked');
    expect(await show('asked', '{{.State.Health.Status}}')).toBe('healthy');
  });

  it('kill what is unhealthy with --health-on-failure=kill', async () => {
    await start('dies', 'false', '--health-interval 1s --health-on-failure kill');
    expect(await world.lading('wait dies')).toMatchObject({ out: '137\n' });
  });

  it('stop it with stop', async () => {
    const flags = '--health-interval 1s --health-on-failure stop --stop-timeout 1';
    await start('stops', 'false', flags);
    expect(await world.lading('wait stops')).toMatchObject({ out: '137\n' });
    await eventually(
      () => show('stops', '{{.State.Status}}'),
      (status) => status === 'exited',
    );
  });

  it('start it again with restart, and go on', async () => {
    const flags =
      '--health-interval 1s --health-on-failure restart --stop-timeout 0 --mount type=tmpfs,dst=/state';
    await start('again', 'test ! -e /state/bad', flags);
    const before = await show('again', '{{.State.Pid}}');
    await world.lading('exec again touch /state/bad');
    await eventually(
      () => show('again', '{{.State.Pid}} {{.State.Health.Status}}'),
      (text) => text.endsWith(' healthy') && !text.startsWith(`${before} `) && !text.startsWith('0 '),
    );
    await shells('again', 1);
  });

  it('are killed with all that they have started when they take too long', async () => {
    const check = `trap "" TERM; sleep 777 & sleep 777`;
    await start('slow', check, '--health-interval disable --health-timeout 1s');
    expect(await world.lading('healthcheck run slow')).toEqual({ code: 1, out: 'unhealthy\n', err: '' });
    expect(await show('slow', '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}')).toBe(
      '-1 healthcheck command exceeded timeout of 1s',
    );
    expect((await world.lading('top slow args')).out).not.toContain('777');
  });

  it('keep no more of an endless output than 500 characters', async () => {
    await start('loud', 'yes | tr -d "\\n" | head -c 50000000', '--health-interval disable');
    expect((await world.lading('healthcheck run loud')).code).toBe(0);
    const output = await show('loud', '{{range .State.Health.Log}}{{.Output}}{{end}}');
    expect(output).toHaveLength(500);
  });

  it('see to a container of a policy that starts it again', async () => {
    await start('lives', 'true', '--health-interval 1h --restart always', 'sleep 1');
    await eventually(
      () => show('lives', '{{.RestartCount}}'),
      (count) => Number(count) > 0,
    );
    await shells('lives', 1);
  });
});
