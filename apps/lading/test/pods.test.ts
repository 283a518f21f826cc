// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterEach(async () => {
  expect(await world.lading('pod rm --force --time 0 --all')).toMatchObject({ code: 0, err: '' });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const ok = async (argv: string | readonly string[]): Promise<string> => {
  const { code, out, err } = await world.lading(argv);
  expect([argv, code, err]).toEqual([argv, 0, '']);
  return out;
};
const sleeper = (name: string, ...flags: string[]): Promise<string> =>
  ok(['run', '-d', '--name', name, ...flags, world.image, 'sleep', '600']);

describe('containers of a pod', () => {
  it('share network, host name, and on request their processes', async () => {
    await ok('pod create --network none --share ipc,net,uts,pid --hostname ship crew');
    await sleeper('one', '--pod', 'crew');
    await sleeper('two', '--pod', 'crew');
    const spaceOf = async (name: string, kind: string): Promise<string> => {
      const pid = (await ok(['inspect', '--format', '{{.State.Pid}}', name])).trim();
      return readlinkSync(`/proc/${pid}/ns/${kind}`);
    };
    for (const kind of ['net', 'ipc', 'uts', 'pid']) {
      expect(await spaceOf('one', kind)).toBe(await spaceOf('two', kind));
    }
    expect(await spaceOf('one', 'mnt')).not.toBe(await spaceOf('two', 'mnt'));
    expect(await ok('exec one hostname')).toBe('ship\n');
    expect((await ok('exec one ps')).match(/sleep 600/g)).toHaveLength(2);
  });

  it('talk over localhost, and are reached by the port of the pod', async () => {
    await ok('pod create --publish 127.0.0.1:28417:8080 web');
    await ok([
      ...['run', '-d', '--pod', 'web', '--name', 'server', world.image, 'sh', '-c'],
      'while :; do echo hello | nc -l -p 8080; done',
    ]);
    const answer = ['exec', 'client', 'sh', '-c', 'until nc 127.0.0.1 8080; do sleep 0.1; done'];
    await sleeper('client', '--pod', 'web');
    expect(await ok(answer)).toBe('hello\n');
    expect((await ok('pod inspect --format {{.InfraConfig.PortBindings}} web')).trim()).toContain('28417');
  });

  it('have a pod made for them by new:NAME', async () => {
    await sleeper('first', '--pod', 'new:fresh', '--network', 'none');
    expect(await ok('pod ps --format {{.Name}}:{{.Status}}:{{.ContainerNames}}')).toBe(
      'fresh:Running:first\n',
    );
    const again = await world.lading(['create', '--pod', 'new:fresh', '--network', 'none', world.image]);
    expect([again.code, again.err]).toEqual([125, expect.stringMatching(/fresh/)]);
  });

  it('cannot have a network or ports of their own', async () => {
    await ok('pod create --network none narrow');
    for (const flag of ['--publish=8080:80', '--network=host']) {
      const { code, err } = await world.lading(['create', '--pod', 'narrow', flag, world.image]);
      expect([code, err]).toEqual([125, expect.stringMatching(/shared with a pod\n$/)]);
    }
    const { code, err } = await world.lading(['create', '--pod', 'nowhere', world.image]);
    expect([code, err]).toEqual([125, expect.stringMatching(/no pod with name or id "nowhere"/i)]);
    expect(await ok('ps --all --quiet')).toBe('');
  });
});

describe('lading pod', () => {
  const state = async (name: string): Promise<string> =>
    (await ok(['pod', 'inspect', '--format', '{{.State}}', name])).trim();

  it('stops, starts, restarts, pauses and kills all containers of a pod', async () => {
    const id = await ok('pod create --network none group');
    expect(await state('group')).toBe('Created');
    await ok(['create', '--pod', 'group', '--name', 'a', world.image, 'sleep', '600']);
    await ok(['create', '--pod', 'group', '--name', 'b', world.image, 'sleep', '600']);
    expect(await ok('pod start group')).toBe(id);
    expect(await state('group')).toBe('Running');
    await ok('stop --time 0 a');
    expect(await state('group')).toBe('Degraded');
    expect(await ok(['pod', 'stop', '--time', '0', id.slice(0, 10)])).toBe(id);
    expect(await state('group')).toBe('Exited');
    await ok('pod restart --all');
    expect(await state('group')).toBe('Running');
    await ok('pod pause group');
    expect(await state('group')).toBe('Paused');
    await ok('pod unpause --all');
    expect(await state('group')).toBe('Running');
    await ok('pod kill --signal KILL group');
    await ok('wait a b');
    expect(await state('group')).toBe('Exited');
    expect(await ok('pod prune --force')).toBe(id);
    expect((await ok('pod ps --quiet')) + (await ok('ps --all --quiet'))).toBe('');
  });

  it('copies a pod whose port and process are taken by the original', async () => {
    await ok('pod create --publish 127.0.0.1:28418:80 --share +pid --hostname ship web');
    await sleeper('one', '--pod', 'web');
    const id = (await ok('pod clone web')).trim();
    expect(await state('web-clone')).toBe('Created');
    const { code, err } = await world.lading('pod start web-clone');
    expect([code, err]).toEqual([125, expect.stringMatching(/28418/)]);
    expect((await ok('pod clone --destroy --start web copy')).trim()).not.toBe(id);
    expect((await world.lading('pod exists web')).code).toBe(1);
    expect(await ok('exec one-clone1 hostname')).toBe('ship\n');
  });

  it('lists pods as podman does', async () => {
    await ok('pod create --network none --label tier=front web');
    await ok('pod create --network none data');
    await sleeper('one', '--pod', 'web');
    const lines = (await ok('pod ps')).trim().split('\n');
    expect(lines.map((line) => line.split(/\s{2,}/).slice(1))).toEqual([
      ['NAME', 'STATUS', 'CREATED', 'INFRA ID', '# OF CONTAINERS'],
      ['data', 'Created', expect.stringMatching(/ago$/), '0'],
      ['web', 'Running', expect.stringMatching(/ago$/), '1'],
    ]);
    const names = 'pod ps --noheading --format {{.Name}}';
    expect(await ok(`${names} --filter label=tier=front`)).toBe('web\n');
    expect(await ok(`${names} --filter status=created`)).toBe('data\n');
    expect(await ok(`${names} --filter ctr-names=one --filter name=w`)).toBe('web\n');
    expect(await ok(`${names} --sort name`)).toBe('data\nweb\n');
    const [json] = JSON.parse(await ok('pod ps --format json --filter name=web'));
    expect(json).toMatchObject({ Name: 'web', Status: 'Running', Labels: { tier: 'front' } });
    expect(json.Containers).toEqual([{ Id: expect.any(String), Names: 'one', Status: 'running' }]);
  });

  it('says what is wrong', async () => {
    await ok('pod create --network none busy');
    await sleeper('one', '--pod', 'busy');
    const wrong = async (argv: string, code: number, message: RegExp): Promise<void> => {
      expect(await world.lading(argv)).toMatchObject({ code, err: expect.stringMatching(message) });
    };
    await wrong('pod rm busy', 125, /has containers that run \(one\)/);
    await wrong('pod rm nobody', 1, /no pod with name or ID nobody found: no such pod/);
    await wrong('pod rm --ignore nobody', 0, /^$/);
    await wrong('pod inspect nobody', 125, /no such pod/);
    await wrong('pod exists nobody', 1, /^$/);
    await wrong('pod exists busy', 0, /^$/);
    await wrong('pod create busy', 125, /busy/);
    await wrong('pod create --share net,mnt other', 125, /mount sharing functionality not supported/);
    await wrong('pod ps --sort colour', 125, /invalid sort/);
    await wrong('pod ps --filter colour=red', 125, /colour is an invalid filter/);
    await wrong('pod stop', 125, /at least one name or id/);
    expect(await ok('pod create --network none --replace --name busy')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(await ok('ps --all --quiet')).toBe('');
  });
});
