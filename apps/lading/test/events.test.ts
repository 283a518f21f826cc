// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, self, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
  await world.lading([
    'run',
    '--rm',
    '--network',
    'none',
    '--name',
    'web',
    '--label',
    'app=shop',
    world.image,
    'sh',
    '-c',
    'exit 3',
  ]);
  await world.lading('volume create data');
  await world.lading(`tag ${world.image} localhost/other:latest`);
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function lines(words: string): Promise<string[]> {
  const ended = await world.lading(`events --stream=false ${words}`);
  expect(ended).toMatchObject({ code: 0, err: '' });
  return ended.out.trim().split('\n');
}

describe('lading events', () => {
  it('shows what has happened, in its order', async () => {
    expect(await lines('--format {{.Type}}:{{.Status}}:{{.Name}}')).toEqual([
      `image:pull:${world.image}`,
      'container:create:web',
      'container:init:web',
      'container:start:web',
      'container:died:web',
      'container:cleanup:web',
      'container:remove:web',
      'volume:create:data',
      'image:tag:localhost/other:latest',
    ]);
    expect(await lines('--filter event=died --format {{.ContainerExitCode}}')).toEqual(['3']);
  });

  it('has the lines of podman', async () => {
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC`;
    const image = world.image.replaceAll('.', '\\.');
    expect((await lines('--filter event=start'))[0]).toMatch(
      new RegExp(
        `^${time} container start [0-9a-f]{64} \\(image=${image}:latest, name=web, purpose=test, app=shop\\)$`,
      ),
    );
    expect((await lines('--filter type=volume'))[0]).toMatch(new RegExp(`^${time} volume create data$`));
    expect((await lines('--filter event=tag --no-trunc=false'))[0]).toMatch(
      new RegExp(`^${time} image tag [0-9a-f]{12} localhost/other:latest$`),
    );
    const [text = ''] = await lines('--filter event=died --format json');
    expect(JSON.parse(text)).toEqual({
      ContainerExitCode: 3,
      ID: expect.stringMatching(/^[0-9a-f]{64}$/),
      Image: `${world.image}:latest`,
      Name: 'web',
      Status: 'died',
      Time: expect.stringMatching(/Z$/),
      Type: 'container',
      Attributes: { app: 'shop', purpose: 'test' },
    });
  });

  it.each([
    ['--filter container=web --filter event=start', 1],
    ['--filter container=web --filter event=start --filter event=died', 2],
    ['--filter label=app=shop --filter event=create', 1],
    ['--filter label=app=none', 0],
    ['--filter volume=data', 1],
    ['--filter image=localhost/other', 1],
    ['--until 2020-01-01', 0],
    ['--until 10m --filter type=volume', 1],
    ['--until 10m --since 10m --filter type=volume', 1],
    ['--since 10m --filter type=volume', 1],
  ])('%s shows %i', async (words, count) => {
    expect((await lines(words)).filter((line) => line !== '')).toHaveLength(count);
  });

  it.each([
    ['--filter colour=red', '"colour" is an invalid filter'],
    ['--filter colour', 'use KEY=VALUE'],
    ['--since never', 'failed to parse time'],
    ['--format {{.Colour}}', 'Colour'],
  ])('%s is refused', async (words, message) => {
    const { code, err } = await world.lading(`events --stream=false ${words}`);
    expect(code).toBe(125);
    expect(err).toContain(message);
  });

  it('waits for those to come, and ends when it is told to', async () => {
    const [program = '', ...args] = self;
    const child = spawn(program, [...args, 'events', '--format', '{{.Status}} {{.Name}}', '--since', '10m'], {
      env: world.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const seen = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Whether it begins before or after this: it is in the log.
    await world.lading('volume create later');
    const next = async () => (await seen.next()).value;
    let line = await next();
    while (line !== 'create later') line = await next();
    await world.lading('volume rm later');
    expect(await next()).toBe('remove later');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).not.toBe(0);
  });

  it('tells of a container that is restarted, made ready, changed and attached to', async () => {
    const since = new Date().toISOString();
    await world.lading(`create --name busy --network none ${world.image} sleep 1000`);
    for (const line of ['init busy', 'start busy', 'update --pids-limit 20 busy', 'restart -t 0 busy'])
      expect(await world.lading(line)).toMatchObject({ code: 0 });
    await world.lading('rm -f -t 0 busy');
    const actions = await lines(`--since ${since} --format {{.Status}}`);
    expect(actions.filter((action) => !/^(stop|cleanup|kill)$/.test(action))).toEqual([
      ...['create', 'init', 'start', 'update', 'restart', 'died', 'init', 'start'],
      ...['died', 'remove'],
    ]);
  });

  it('tells of no end of a container that was made ready and removed', async () => {
    const since = new Date().toISOString();
    await world.lading(`create --name ready --network none ${world.image} sleep 1000`);
    await world.lading('init ready');
    expect(await world.lading('rm ready')).toMatchObject({ code: 0, err: '' });
    const actions = await lines(`--since ${since} --format {{.Status}}`);
    expect(actions.filter((action) => action !== 'cleanup')).toEqual(['create', 'init', 'remove']);
  });

  it('tells of what is done with files of images and containers, in podman’s words', async () => {
    const archive = join(world.dir, 'saved.tar');
    const since = new Date().toISOString();
    await world.lading(`create --name files --network none ${world.image} true`);
    for (const line of [
      ...['mount files', 'unmount files', 'commit -q files localhost/made:1'],
      ...[`image mount ${world.image}`, `image unmount ${world.image}`],
      ...[`save -q -o ${archive} ${world.image}`, `load -q -i ${archive}`],
      `push -q ${world.image} dir:${world.dir}/pushed`,
    ])
      expect(await world.lading(line)).toMatchObject({ code: 0 });
    await world.lading('rm files');
    await world.lading('rmi localhost/made:1');
    expect(await lines(`--since ${since} --format {{.Type}}:{{.Status}}:{{.Name}}`)).toEqual([
      'container:create:files',
      'container:mount:files',
      'container:unmount:files',
      'container:commit:files',
      'image:mount:',
      'image:unmount:',
      `image:save:${archive}`,
      `image:loadfromarchive:${archive}`,
      `image:push:dir:${world.dir}/pushed`,
      'container:remove:files',
      'image:remove:localhost/made:1',
    ]);
  });
});
