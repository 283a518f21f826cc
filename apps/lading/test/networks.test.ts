// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

const clear = async () => {
  await world.lading('rm -f -t 0 --all');
  await world.lading('network prune -f');
};

afterEach(clear);

afterAll(async () => {
  await clear();
  await world[Symbol.asyncDispose]();
});

const out = async (line: string) => (await world.lading(line)).out;
const ok = async (line: string) => {
  const ended = await world.lading(line);
  expect(ended).toMatchObject({ code: 0, err: '' });
  return ended.out;
};
const start = (flags: string) => ok(`run -d ${flags} ${world.image} sleep 1000`);
const inside = async (name: string, ...command: readonly string[]) =>
  (await world.lading(['exec', name, ...command])).out;

describe('lading network', () => {
  it('creates, lists, inspects and removes', async () => {
    expect(await ok('network create --subnet 10.86.101.0/24 --gateway 10.86.101.9 --label a=b net1')).toBe(
      'net1\n',
    );
    expect(await out('network ls --filter name=net1')).toMatch(
      /^NETWORK ID +NAME +DRIVER\n[\da-f]{12} +net1 +bridge\n$/,
    );
    expect(await out('network ls -q')).toBe('net1\ntest\n');
    const [details] = JSON.parse(await out('network inspect net1'));
    expect(details).toMatchObject({
      name: 'net1',
      driver: 'bridge',
      subnets: [{ subnet: '10.86.101.0/24', gateway: '10.86.101.9' }],
      internal: false,
      labels: { a: 'b' },
    });
    expect(await out('network inspect --format {{.Name}}-{{.NetworkInterface}} net1')).toMatch(
      /^net1-lading\d+\n$/,
    );
    expect((await world.lading('network exists net1')).code).toBe(0);
    expect(await ok('network rm net1')).toBe('net1\n');
    expect((await world.lading('network exists net1')).code).toBe(1);
    expect(existsSync(`/sys/class/net/${details.network_interface}`)).toBe(false);
  });

  const failures: [string, number, string][] = [
    ['network create test', 125, 'network name test already used: network already exists'],
    ['network create host', 125, 'conflicts with a valid network mode'],
    ['network create a/b', 125, 'network name "a/b" invalid'],
    ['network create --subnet 1.2.3 net9', 125, '"1.2.3" is not a subnet'],
    [
      'network create --subnet 10.86.77.0/24 net9',
      125,
      'subnet 10.86.77.0/24 is already used by another network',
    ],
    ['network create -d nosuch net9', 125, 'unsupported driver "nosuch"'],
    ['network create -o nosuch=1 net9', 125, 'unsupported network option "nosuch"'],
    ['network rm nosuch', 1, 'unable to find network with name or ID nosuch: network not found'],
    ['network rm test', 125, 'default network test cannot be removed'],
    ['network inspect nosuch', 125, 'network not found'],
    ['network connect nosuch x', 125, 'network not found'],
  ];
  it.each(failures)('%s ends with %i', async (line, code, message) => {
    const ended = await world.lading(line);
    expect(ended.code).toBe(code);
    expect(ended.err).toContain(message);
    expect(ended.err.trim().split('\n')).toHaveLength(1);
  });

  it('does not remove one that a container has, unless by force', async () => {
    await ok('network create net1');
    await start('--name one --network net1');
    const refused = await world.lading('network rm net1');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('has associated containers with it');
    expect(await ok('network prune -f')).toBe('');
    expect(await ok('network rm -f net1')).toBe('net1\n');
    expect(await out('ps -a -q')).toBe('');
  });
});

describe('containers on networks', () => {
  it('find each other by name and alias, as they come and go', async () => {
    await ok('network create --subnet 10.86.102.0/24 net1');
    await start('--name one --network net1 --network-alias first');
    await start('--name two --network net1');
    expect(await inside('two', 'nc', '-w', '1', 'one', '9')).toBe('');
    expect(await inside('two', 'cat', '/etc/hosts')).toMatch(
      /^10\.86\.102\.2\tone first [\da-f]{12}\t# network net1$/m,
    );
    expect(await inside('one', 'cat', '/etc/hosts')).toMatch(
      /^10\.86\.102\.3\ttwo [\da-f]{12}\t# network net1$/m,
    );
    await ok('rm -f -t 0 two');
    expect(await inside('one', 'cat', '/etc/hosts')).not.toContain('two');
  });

  it('have the addresses that they ask for', async () => {
    await ok('network create --subnet 10.86.103.0/24 net1');
    await start('--name one --network net1 --ip 10.86.103.77 --mac-address 92:d0:c6:0a:29:33');
    const text = await inside('one', 'ip', 'addr', 'show', 'eth0');
    expect(text).toContain('10.86.103.77/24');
    expect(text).toContain('92:d0:c6:0a:29:33');
  });

  it('can be on several, each with options', async () => {
    await ok('network create --subnet 10.86.104.0/24 net1');
    await ok('network create --subnet 10.86.105.0/24 net2');
    await start('--name one --network net1:ip=10.86.104.5 --network net2:alias=other,ip=10.86.105.6');
    const text = await inside('one', 'ip', '-o', 'addr');
    expect(text).toMatch(/eth0 .*10\.86\.104\.5\/24/);
    expect(text).toMatch(/eth1 .*10\.86\.105\.6\/24/);
    const [details] = JSON.parse(await out('inspect one'));
    expect(Object.keys(details.NetworkSettings.Networks)).toEqual(['net1', 'net2']);
  });

  it('are connected and disconnected while they run, and stay so at the next start', async () => {
    await ok('network create --subnet 10.86.106.0/24 net1');
    await ok('network create --subnet 10.86.107.0/24 net2');
    await start('--name one --network net1');
    await ok('network connect --ip 10.86.107.9 --alias second net2 one');
    expect(await inside('one', 'ip', '-o', 'addr')).toContain('10.86.107.9/24');
    expect((await world.lading('network connect net2 one')).err).toContain('network is already connected');
    await ok('network disconnect net1 one');
    expect(await inside('one', 'ip', '-o', 'addr')).not.toContain('10.86.106.');
    await ok('restart -t 0 one');
    const text = await inside('one', 'ip', '-o', 'addr');
    expect(text).toContain('10.86.107.9/24');
    expect(text).not.toContain('10.86.106.');
    expect((await world.lading('network disconnect net1 one')).code).toBe(125);
  });

  it('of an internal one have no way out', async () => {
    await ok('network create --internal --subnet 10.86.108.0/24 net1');
    await start('--name one --network net1');
    expect(await inside('one', 'cat', '/proc/net/route')).not.toMatch(/^eth0\t00000000/m);
  });

  it('get addresses of --ip-range', async () => {
    await ok('network create --subnet 10.86.109.0/24 --ip-range 10.86.109.128/28 net1');
    await start('--name one --network net1');
    expect(await inside('one', 'ip', '-o', 'addr')).toContain('10.86.109.129/24');
  });

  it('of another container share its namespace', async () => {
    await start('--name one');
    const text = await ok(`run --rm --network container:one ${world.image} ip -o addr show eth0`);
    expect(text).toBe(await inside('one', 'ip', '-o', 'addr', 'show', 'eth0'));
  });

  const refused: [string, string][] = [
    ['--network none --ip 1.2.3.4', '--ip, --mac-address and --network-alias need a bridge network'],
    ['--network a --network none', 'cannot set multiple networks with "none"'],
    ['--network a:nosuch=1', 'unknown network option: "nosuch"'],
    ['--network a,b --ip 1.2.3.4', 'can only be set for one network'],
    ['--network nosuch', 'no network named "nosuch"'],
    ['--network test --mac-address x', '"x" is not a MAC address'],
    ['--network-alias x', '--network-alias needs a network with a name of its own'],
  ];
  it.each(refused)('are refused with %s', async (flags, message) => {
    const { code, err } = await world.lading(`run --rm ${flags} ${world.image} true`);
    expect(code).toBe(125);
    expect(err).toContain(message);
  });
});
