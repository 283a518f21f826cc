// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridgeNetworkConfig, type Cni, type CniPortMapping, createCni } from '../src/index.ts';
import { greeting, inside, makeWorld, natRules, realPlugins, serveHello, type World } from './world.ts';

const run = promisify(execFile);
let world: World;
let builtIn: Cni;
let programs: Cni;
beforeEach(async () => {
  world = await makeWorld();
  const { configDir, cacheDir, fakes } = world;
  const places = { configDir, cacheDir, pluginDirs: [fakes, realPlugins] };
  [builtIn, programs] = [createCni({ ...places, builtIn: true }), createCni({ ...places, builtIn: false })];
});
afterEach(() => world[Symbol.asyncDispose]());

async function ip(netns: string | undefined, ...args: string[]): Promise<unknown> {
  const words = ['ip', '-d', '-j', ...args];
  const { stdout } = await (netns === undefined
    ? run('ip', words.slice(1))
    : run('nsenter', [`--net=${netns}`, ...words]));
  return JSON.parse(stdout);
}

const leaseFolder = (): string => join(world.leases, world.bridge);

async function leases(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(leaseFolder());
  const files = names
    .toSorted()
    .map(async (name) => [name, await readFile(join(leaseFolder(), name), 'utf8')]);
  return Object.fromEntries(await Promise.all(files));
}

/** All that an attachment is and leaves, in words that are the same for each. */
async function stateOf(cni: Cni, containerId: string): Promise<unknown> {
  const netns = world.namespace();
  const result = await cni.attach({ containerId, netnsPath: netns });
  const address = result.ips?.[0]?.address.replace(/\/.*/, '') ?? '';
  const hostEnd = result.interfaces?.[1]?.name ?? '';
  const sysctls = ['ipv6/conf/eth0/accept_dad', 'ipv4/conf/eth0/arp_notify'];
  const state = {
    result,
    note: JSON.parse(
      await readFile(join(world.cacheDir, 'results', `${world.bridge}-${containerId}-eth0`), 'utf8'),
    ),
    bridge: await ip(undefined, 'addr', 'show', world.bridge),
    hostEnd: await ip(undefined, 'addr', 'show', hostEnd),
    inside: await ip(netns, 'addr', 'show', 'eth0'),
    routes: await inside(netns, 'ip', 'route'),
    sysctls: await Promise.all(sysctls.map((name) => inside(netns, 'cat', `/proc/sys/net/${name}`))),
    hostSysctl: await readFile(`/proc/sys/net/ipv6/conf/${hostEnd}/accept_ra`, 'utf8'),
    rules: await natRules(`id: \\"${containerId}\\"`),
    leases: await leases(),
  };
  const text = JSON.stringify(state, (key, value) => (volatile.test(key) ? undefined : value));
  const names = [...(result.interfaces ?? []).flatMap(({ mac = '' }) => [mac]), hostEnd, netns, containerId];
  return JSON.parse(
    names
      .reduce((all, name, i) => all.replaceAll(name, `{${i}}`), text)
      .replaceAll(new RegExp(`${address}(?!\\d)`, 'g'), '{address}')
      .replaceAll(/CNI-[0-9a-f]{24}/g, 'CNI-chain'),
  );
}

/** Numbers, times, and a length of queues that old programs set to 0 for want of another value. */
const volatile =
  /timer$|index$|^(?:link|link_netnsid|config|bridge_id|root_id|designated_(?:bridge|root)|port|no|id|txqlen)$/;

describe('what is done without the programs', () => {
  it('is what they do', async () => {
    // The first attachment makes the bridge.
    const first = await stateOf(builtIn, 'container-1');
    await builtIn.detach({ containerId: 'container-1' });
    await run('ip', ['link', 'delete', world.bridge]);
    const second = await stateOf(programs, 'container-2');
    expect(withoutIpv6(first)).toEqual(withoutIpv6(second));
    const third = await stateOf(builtIn, 'container-3');
    await builtIn.detach({ containerId: 'container-3' });
    expect(withoutIpv6(third)).toEqual(withoutIpv6(await stateOf(programs, 'container-4')));
  });

  it('is checked and taken away by the programs', async () => {
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await builtIn.attach(attachment);
    await programs.check(attachment);
    await programs.detach(attachment);
    expect(await natRules(world.bridge)).toEqual([]);
    expect(Object.keys(await leases())).toEqual(['last_reserved_ip.0', 'lock']);
    expect(await inside(attachment.netnsPath, 'ip', 'link')).not.toContain('eth0');
  });

  it('takes away what the programs made', async () => {
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await programs.attach(attachment);
    await builtIn.check(attachment);
    await builtIn.detach(attachment);
    expect(await natRules(world.bridge)).toEqual([]);
    expect(Object.keys(await leases())).toEqual(['last_reserved_ip.0', 'lock']);
    expect(await inside(attachment.netnsPath, 'ip', 'link')).not.toContain('eth0');
  });

  it('is done beside the programs, and no address is given twice', async () => {
    const all = Array.from({ length: 16 }, (_, i) => ({
      containerId: `c${i}`,
      netnsPath: world.namespace(),
    }));
    const results = await Promise.all(
      all.map((attachment, i) => (i % 2 === 0 ? builtIn : programs).attach(attachment)),
    );
    const given = results.map(({ ips }) => ips?.[0]?.address);
    expect(new Set(given).size).toBe(all.length);
    const pings = all.map(({ netnsPath }) => inside(netnsPath, 'ping', '-c1', '-W5', `${world.net}.1`));
    for (const said of await Promise.all(pings)) expect(said).toContain('1 packets received');
    await Promise.all(all.map((attachment, i) => (i % 3 === 0 ? builtIn : programs).detach(attachment)));
    expect(await natRules(world.bridge)).toEqual([]);
    expect(Object.keys(await leases())).toEqual(['last_reserved_ip.0', 'lock']);
  });

  it('does not start the programs', async () => {
    for (const name of ['bridge', 'portmap', 'host-local']) await world.writePlugin(name, 'exit 9');
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await expect(programs.attach(attachment)).rejects.toThrow('ended with 9');
    await builtIn.attach(attachment);
    await builtIn.detach(attachment);
  });

  it('takes them where arguments change what they do', async () => {
    await world.writePlugin('bridge', 'exit 9');
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await builtIn.attach({ ...attachment, args: { K8S_POD_NAME: 'pod', K8S_POD_UID: '1' } });
    await builtIn.detach(attachment);
    for (const args of [{ IP: `${world.net}.9` }, { MAC: '0a:58:0a:56:4d:02' }]) {
      await expect(builtIn.attach({ ...attachment, args })).rejects.toThrow('ended with 9');
    }
  });
});

/** Whether the kernel is done with addresses of IPv6 is a matter of time. */
function withoutIpv6(state: unknown): unknown {
  const isIpv6 = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'family' in value && value.family === 'inet6';
  return JSON.parse(JSON.stringify(state), (_, value: unknown) =>
    Array.isArray(value) ? value.filter((item) => !isIpv6(item)) : value,
  );
}

describe('ports without the programs', () => {
  const mappings: readonly CniPortMapping[] = [
    ...Array.from({ length: 17 }, (_, i) => ({ hostPort: 18_200 - i, containerPort: 80 + i })),
    { hostPort: 18_201, containerPort: 80, hostIp: '127.0.0.1' },
    { hostPort: 18_202, containerPort: 443, hostIp: '0.0.0.0' },
    { hostPort: 18_203, containerPort: 80, protocol: 'sctp' },
  ];
  const rulesOf = async (cni: Cni, containerId: string): Promise<string> => {
    const netnsPath = world.namespace();
    const { ips } = await cni.attach({ containerId, netnsPath, portMappings: mappings });
    const chain = (await natRules(`id: \\"${containerId}\\"`)).find((rule) => rule.includes('-j CNI-DN-'));
    const name = chain?.replace(/.* /, '') ?? '';
    return (await natRules(name))
      .join('\n')
      .replaceAll(name, 'CNI-DN')
      .replaceAll(containerId, 'ID')
      .replaceAll(ips?.[0]?.address.replace(/\/.*/, '') ?? '', 'ADDRESS');
  };

  it('are mapped by the same rules', async () => {
    const ids = ['first-container', 'second-container'] as const;
    expect(await rulesOf(builtIn, ids[0])).toEqual(await rulesOf(programs, ids[1]));
    await Promise.all(ids.map((containerId) => builtIn.detach({ containerId })));
    expect(await natRules('CNI-DN-')).toEqual([]);
  });

  // CHECK of the program in Debian 12 fails at its own rules: it wants some of IPv6, too.
  it('lead to the container, and are taken away by either', async () => {
    const request = {
      containerId: 'a',
      netnsPath: world.namespace(),
      portMappings: [{ hostPort: 18_210, containerPort: 80 }],
    };
    for (const [adds, removes] of [
      [builtIn, builtIn],
      [builtIn, programs],
      [programs, builtIn],
    ] as const) {
      await adds.attach(request);
      const server = serveHello(request.netnsPath, 80);
      try {
        expect(await greeting('127.0.0.1', 18_210)).toBe('hello\n');
      } finally {
        server.kill('SIGKILL');
      }
      await removes.detach(request);
      expect(await natRules('CNI-DN-')).toEqual([]);
    }
  });
});

describe('on a host without rules', () => {
  /** Rules without counters and times, before and after the containers leave. */
  const rulesOf = async (order: 'together' | 'in turn', how: 'built-in' | 'programs') => {
    const { configDir, cacheDir, fakes, folder } = world;
    const program = join(import.meta.dirname, 'in-own-host.ts');
    const words = [program, configDir, cacheDir, folder, order, how === 'built-in' ? fakes : realPlugins];
    const { stdout } = await run('unshare', [
      ...['--net', process.execPath, '--conditions=@lading/source'],
      ...words,
    ]);
    const [during = '', after = ''] = stdout
      .split('and then\n')
      .map((text) => text.replaceAll(/ \[\d+:\d+\]/g, ''));
    return [during, after].map((text) => text.split('\n').filter((line) => !line.startsWith('#')));
  };
  beforeEach(async () => {
    const plain = bridgeNetworkConfig({
      name: world.bridge,
      subnet: `${world.net}.0/24`,
      dataDir: world.leases,
    });
    for (const name of ['bridge', 'host-local', 'portmap', 'firewall', 'tuning'])
      await world.writePlugin(name, 'exit 9');
    // As podman brings it.
    const plugins = [...plain.plugins, { type: 'firewall' }, { type: 'tuning' }];
    await world.writeList('10-default', { ...plain, cniVersion: '0.4.0', plugins });
  });

  it('chains that all share are made by whoever is first', async () => {
    const [during = [], after] = await rulesOf('together', 'built-in');
    for (const [chain, target, count] of [
      ['PREROUTING', 'CNI-HOSTPORT-DNAT', 1],
      ['OUTPUT', 'CNI-HOSTPORT-DNAT', 1],
      ['POSTROUTING', 'CNI-HOSTPORT-MASQ', 1],
      ['CNI-HOSTPORT-MASQ', 'MASQUERADE', 1],
      ['CNI-HOSTPORT-DNAT', 'CNI-DN-[0-9a-f]{21}', 6],
      ['FORWARD', 'CNI-FORWARD', 1],
      ['CNI-FORWARD', 'CNI-ADMIN', 1],
      ['CNI-FORWARD', 'ACCEPT', 12],
    ] as const) {
      const found = during.filter((rule) => new RegExp(`^-A ${chain} .*-j ${target}$`).test(rule));
      expect(found, found.join('\n')).toHaveLength(count);
    }
    expect(during.filter((rule) => rule.includes('--set-xmark 0x2000/0x2000'))).toHaveLength(1);
    expect(after?.filter((rule) => rule.includes(world.net) || rule.includes('CNI-DN-'))).toEqual([]);
  });

  it('all is as the programs do it', async () => {
    const [during = [], after = []] = await rulesOf('in turn', 'built-in');
    await rm(world.leases, { recursive: true });
    const theirs = await rulesOf('in turn', 'programs');
    expect([during.toSorted(), after.toSorted()]).toEqual(theirs.map((rules) => rules.toSorted()));
    // Rules of one chain are in the same order.
    const inChain = (rules: readonly string[], chain: string) =>
      rules.filter((rule) => rule.startsWith(`-A ${chain} `));
    for (const chain of ['CNI-FORWARD', 'CNI-HOSTPORT-DNAT', 'POSTROUTING', 'CNI-HOSTPORT-MASQ']) {
      expect(inChain(during, chain)).toEqual(inChain(theirs[0] ?? [], chain));
    }
  });
});

describe('a process that was killed at an attachment', () => {
  it.each([true, false])('leaves nothing that the next cannot find (interface: %s)', async (hasInterface) => {
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await builtIn.attach(attachment);
    await rm(join(world.cacheDir, 'results'), { recursive: true });
    if (!hasInterface)
      await run('nsenter', [`--net=${attachment.netnsPath}`, 'ip', 'link', 'delete', 'eth0']);
    await builtIn.detach(attachment);
    expect(await natRules(world.bridge)).toEqual([]);
    expect(Object.keys(await leases())).toEqual(['last_reserved_ip.0', 'lock']);
    expect(await inside(attachment.netnsPath, 'ip', 'link')).not.toContain('eth0');
  });
});

describe('addresses', () => {
  const attach = async (containerId: string) =>
    (await builtIn.attach({ containerId, netnsPath: world.namespace() })).ips?.[0]?.address;

  it('rest before they are given again, and all are given', async () => {
    await world.writeList(
      '10-default',
      bridgeNetworkConfig({ name: world.bridge, subnet: `${world.net}.0/29`, dataDir: world.leases }),
    );
    expect(await attach('a')).toBe(`${world.net}.2/29`);
    await builtIn.detach({ containerId: 'a' });
    for (const [i, id] of ['b', 'c', 'd', 'e', 'f'].entries()) {
      expect(await attach(id)).toBe(`${world.net}.${i < 4 ? i + 3 : 2}/29`);
    }
    await expect(attach('g')).rejects.toMatchObject({
      message: expect.stringContaining('no IP addresses available'),
    });
    await builtIn.detach({ containerId: 'c' });
    expect(await attach('h')).toBe(`${world.net}.4/29`);
  });

  it('are one for each interface of a container', async () => {
    await attach('a');
    await expect(attach('a')).rejects.toMatchObject({
      code: Code.AlreadyExists,
      message: expect.stringMatching(
        /^CNI plugin bridge failed at ADD for the network .* been allocated to a/,
      ),
    });
  });

  it('may be named by what is no lease', async () => {
    await attach('a');
    await run('mkfifo', [join(leaseFolder(), `${world.net}.3`)]);
    await writeFile(join(leaseFolder(), `${world.net}.4`), '');
    await writeFile(join(leaseFolder(), 'last_reserved_ip.0'), 'nonsense');
    expect(await attach('b')).toBe(`${world.net}.5/24`);
  });

  it('are not waited for without end', async () => {
    await attach('a');
    const holder = spawn('flock', [join(leaseFolder(), 'lock'), 'sh', '-c', 'echo; exec cat'], {
      stdio: 'pipe',
    });
    try {
      await once(holder.stdout, 'data');
      const { configDir, cacheDir } = world;
      const impatient = createCni({ configDir, cacheDir, pluginDirs: [realPlugins], timeoutMs: 300 });
      const late = impatient.attach({ containerId: 'b', netnsPath: world.namespace() });
      await expect(late).rejects.toMatchObject({ code: Code.DeadlineExceeded, reason: 'CNI_TIMEOUT' });
    } finally {
      holder.stdin.end();
      await once(holder, 'exit');
    }
    await builtIn.detach({ containerId: 'b' });
  });
});

describe('what is in the way', () => {
  it('is named: an interface that is no bridge', async () => {
    await run('ip', ['link', 'add', world.bridge, 'type', 'veth', 'peer', 'name', `${world.bridge}p`]);
    await expect(builtIn.attach({ containerId: 'a', netnsPath: world.namespace() })).rejects.toThrow(
      `CNI plugin bridge failed at ADD for the network ${world.bridge}: ${world.bridge} exists already and is no bridge`,
    );
  });

  it('is named: a bridge of another network', async () => {
    await run('ip', ['link', 'add', world.bridge, 'type', 'bridge']);
    await run('ip', ['addr', 'add', '10.200.0.1/24', 'dev', world.bridge]);
    const netnsPath = world.namespace();
    await expect(builtIn.attach({ containerId: 'a', netnsPath })).rejects.toThrow(
      `${world.bridge} already has the address 10.200.0.1/24, not ${world.net}.1/24`,
    );
    expect(await inside(netnsPath, 'ip', 'link')).not.toContain('eth0');
    expect(Object.keys(await leases())).toEqual(['last_reserved_ip.0', 'lock']);
    expect(await natRules(world.bridge)).toEqual([]);
  });

  it.each([
    ['flushed', async (_: string, chain: string) => run('iptables', ['-w', '-t', 'nat', '-F', chain])],
    ['cut', async (rule: string) => run('sh', ['-c', `iptables -w -t nat ${rule.replace('-A', '-D')}`])],
    ['doubled', async (rule: string) => run('sh', ['-c', `iptables -w -t nat ${rule}`])],
    [
      'gone',
      async (rule: string, chain: string) =>
        run('sh', [
          '-c',
          `iptables -w -t nat ${rule.replace('-A', '-D')}; for x in F X; do iptables -w -t nat -$x ${chain}; done`,
        ]),
    ],
  ])('does not keep rules that were %s from being taken away', async (_, spoil) => {
    const attachment = { containerId: 'a', netnsPath: world.namespace() };
    await builtIn.attach(attachment);
    const jump = (await natRules(world.bridge)).find((rule) => rule.startsWith('-A POSTROUTING ')) ?? '';
    await spoil(jump, jump.replace(/.* /, ''));
    await builtIn.detach(attachment);
    expect(await natRules(world.bridge)).toEqual([]);
    expect((await run('iptables', ['-w', '-t', 'nat', '-S'])).stdout).not.toContain(jump.replace(/.* /, ''));
  });
});
