// SPDX-License-Identifier: Apache-2.0
import { existsSync, readlinkSync } from 'node:fs';
import { type Authorize, startRegistry } from '@lading/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const shell = (flags: string, script: string) =>
  world.lading([...`run --rm --network none ${flags}`.trim().split(' '), world.image, 'sh', '-c', script]);

/** Only cgroup v1 shows the file under this name; on v2 the limits are in the container's own root. */
const limit = (v1: string, v2: string): string => {
  const folder = existsSync('/sys/fs/cgroup/memory') ? v1 : v2;
  return `cat /sys/fs/cgroup/${folder}`;
};

describe('flags of run, by their effect inside', () => {
  const cases: [string, string, string, string][] = [
    ['--group-add gives groups by number', '--group-add 4242', 'id -G', '0 4242'],
    ['--pid host shows the processes of the host', '--pid host', '[ $$ -gt 1 ] && echo host', 'host'],
    ['--pid private starts at one', '--pid private', 'echo $$', '1'],
    ['--uts host has the host name of the host', '--uts host', 'hostname', '@hostname'],
    ['--ipc host has the namespace of the host', '--ipc host', 'ls -l /proc/self/ns/ipc', '@ipc'],
    [
      '--device gives a device under another name',
      '--device /dev/null:/dev/void',
      'echo x > /dev/void; ls /dev/void',
      '/dev/void',
    ],
    [
      '--device with letters gives no more than they say',
      '--device /dev/kmsg:/dev/nil:r',
      '(: > /dev/nil) 2> /dev/null || echo refused',
      'refused',
    ],
    [
      '--dns-search and --dns-option are in resolv.conf',
      '--dns 10.1.2.3 --dns-search lan.test --dns-option ndots:3',
      'cat /etc/resolv.conf',
      'search lan.test\nnameserver 10.1.2.3\noptions ndots:3',
    ],
    ['--cpuset-cpus says where it runs', '--cpuset-cpus 0', limit('cpuset/cpuset.cpus', 'cpuset.cpus'), '0'],
    [
      '--cpu-period is set',
      '--cpu-period 50000 --cpu-quota 25000',
      limit('cpu/cpu.cfs_period_us', 'cpu.max'),
      '@period',
    ],
    [
      '--memory-reservation is set',
      '--memory-reservation 32m',
      limit('memory/memory.soft_limit_in_bytes', 'memory.low'),
      '33554432',
    ],
    ['--oom-score-adj is set', '--oom-score-adj 700', 'cat /proc/self/oom_score_adj', '700'],
  ];
  it.each(cases)('%s', async (_name, flags, script, expected) => {
    const { code, out, err } = await shell(flags, script);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    if (expected === '@hostname') expect(out.trim()).toBe((await import('node:os')).hostname());
    else if (expected === '@ipc') expect(out).toContain(readlinkSync('/proc/self/ns/ipc'));
    else if (expected === '@period') expect(['50000', '25000 50000']).toContain(out.trim());
    else expect(out.trim()).toBe(expected);
  });

  it('--pid container: joins the processes of another', async () => {
    await world.lading(['run', '-d', '--name', 'one', '--network', 'none', world.image, 'sleep', '1234']);
    expect((await shell('--pid container:one', 'cat /proc/1/cmdline')).out).toBe('sleep\x001234\0');
    await world.lading('rm -f -t 0 one');
  });

  it('--publish-all gives each exposed port one of the host', async () => {
    const words = 'create --name exposed -P --expose 8080 --expose 90/udp -p 127.0.0.1::70 --expose 70';
    expect((await world.lading([...words.split(' '), world.image])).code).toBe(0);
    const format =
      '{{range $port, $to := .HostConfig.PortBindings}}{{$port}} {{(index $to 0).HostPort}}\n{{end}}';
    const lines = (await world.lading(['inspect', '--format', format, 'exposed'])).out.trim().split('\n');
    expect(lines.map((line) => line.replace(/ [1-9]\d+$/, ''))).toEqual(['70/tcp', '8080/tcp', '90/udp']);
    await world.lading('rm exposed');
  });

  it('a container is started with its pod that was stopped', async () => {
    await world.lading('pod create --name down --network none');
    await world.lading(['create', '--pod', 'down', '--name', 'one', world.image, 'sleep', '1000']);
    await world.lading('pod stop -t 0 down');
    expect(await world.lading('start one')).toMatchObject({ code: 0, out: 'one\n', err: '' });
    expect((await world.lading('exec one cat /proc/1/comm')).code).toBe(0);
    await world.lading('pod rm -f -t 0 down');
  });

  it('--ip6 is the address, which inspect tells beside that of version 4', async () => {
    await world.lading('network create --subnet 10.86.121.0/24 --subnet fd86:121::/64 six');
    const words = 'run -d --name six --network six --ip6 fd86:121::42';
    expect(await world.lading([...words.split(' '), world.image, 'sleep', '1000'])).toMatchObject({
      code: 0,
    });
    expect((await world.lading('exec six ip -6 address show eth0')).out).toContain('fd86:121::42/64');
    const format = '{{.IPAddress}} {{.GlobalIPv6Address}}/{{.GlobalIPv6PrefixLen}} {{.IPv6Gateway}}';
    const { out } = await world.lading([
      ...['inspect', '--format', `{{with .NetworkSettings.Networks.six}}${format}{{end}}`, 'six'],
    ]);
    expect(out).toMatch(/^10\.86\.121\.\d+ fd86:121::42\/64 fd86:121::1\n$/);
    await world.lading('rm -f -t 0 six');
    await world.lading('network rm six');
  });

  it('--no-hostname leaves the file of the image, which has none', async () => {
    const script = 'ls /etc/hostname 2>&1; hostname';
    expect((await shell('--no-hostname --hostname box', script)).out).toMatch(/No such file.*\nbox\n$/);
    expect((await shell('--hostname box', script)).out).toBe('/etc/hostname\nbox\n');
  });

  it('--gpus gives those that CDI describes', async () => {
    const { code, err } = await shell('--gpus device=lading-nosuch', 'true');
    expect({ code, err }).toEqual({
      code: 125,
      err: expect.stringContaining('nvidia.com/gpu=lading-nosuch'),
    });
  });

  it('--creds are for the registry, and not for who looks at the container', async () => {
    const asked: (string | undefined)[] = [];
    const authorize: Authorize = ({ headers }) => {
      asked.push(headers.authorization);
      return headers.authorization === undefined ? { challenge: 'Basic realm="test"' } : undefined;
    };
    await using registry = await startRegistry({ authorize });
    const image = `${registry.host}/demo/nosuch`;
    const flags = '--tls-verify=false --retry 0 --creds me:word --creds=me:word';
    expect((await world.lading(`create ${flags} ${image}`)).code).toBe(125);
    expect(asked).toContain(`Basic ${Buffer.from('me:word').toString('base64')}`);
    await world.lading(`create ${flags} --name known ${world.image}`);
    const { out } = await world.lading('inspect known');
    expect(out).toContain('"--creds=***"');
    expect(out).not.toContain('word');
    await world.lading('rm known');
  });

  const refused: [string, string][] = [
    ['--pid nonsense', 'invalid --pid'],
    ['--device relative', 'invalid device specification'],
    ['--device /dev/nosuch', 'stat /dev/nosuch: no such file or directory'],
    ['--cpus 1 --cpu-quota 1000', '--cpu-period and --cpu-quota cannot be set with --cpus'],
    ['--memory-swap 1g', '--memory-swap must be used with --memory'],
    ['--memory 2g --memory-swap 1g', '--memory-swap must be at least --memory'],
  ];
  it.each(refused)('refuses %s', async (flags, message) => {
    const { code, err } = await shell(flags, 'true');
    expect(code).toBe(125);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
