// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { lockFile } from '@lading/linux';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse({ subnet: '10.86.41.0/24' });
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  for (const { id } of await engine.pods.list()) await engine.pods.remove(id, { force: true });
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
  expect(leases()).toEqual([]);
});

/** Addresses that host-local has given out. */
function leases(): string[] {
  const folder = join(house.root, 'ipam/ladingtest');
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^\d/.test(name)) : [];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const server = [
  'sh',
  '-c',
  'mkdir -p /www; echo hello > /www/index.html; exec busybox httpd -f -p 80 -h /www',
];

async function answers(port: number): Promise<boolean> {
  try {
    return (await (await fetch(`http://127.0.0.1:${port}/`)).text()) === 'hello\n';
  } catch {
    // Not listening yet.
    return false;
  }
}

describe('a container on a bridge', () => {
  it('has an address, knows its own name, and leaves none behind', async () => {
    let out = '';
    const result = await engine.containers.run(
      {
        image: 'busybox',
        hostname: 'box',
        command: ['sh', '-c', 'ip -4 addr show eth0 | grep -c 10.86.41; cat /etc/hosts; ip route'],
        autoRemove: true,
      },
      {
        attach: {
          stdout: (chunk) => {
            out += Buffer.from(chunk).toString();
          },
        },
      },
    );
    expect(result.exitCode).toBe(0);
    expect(out).toMatch(/^1\n/);
    expect(out).toMatch(/10\.86\.41\.\d+\tbox/);
    expect(out).toMatch(/default via 10\.86\.41\.1/);
    expect(leases()).toEqual([]);
  });

  it('answers at a port of the host, until it is stopped', async () => {
    const hostPort = await freePort();
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: server,
      portMappings: [{ hostPort, containerPort: 80 }],
    });
    const { run } = await engine.containers.start(id);
    expect(run?.networks[0]?.ips[0]?.address).toMatch(/^10\.86\.41\./);
    await until(() => answers(hostPort));
    await engine.containers.stop(id, { timeoutMs: 0 });
    expect(await answers(hostPort)).toBe(false);
    expect(leases()).toEqual([]);
  });

  it('is refused a port that another one publishes, until that one has stopped', async () => {
    const hostPort = await freePort();
    const portMappings = [{ hostPort, containerPort: 80 }];
    const first = await engine.containers.create({
      image: 'busybox',
      name: 'first',
      command: server,
      portMappings,
    });
    const second = await engine.containers.create({ image: 'busybox', command: server, portMappings });
    await engine.containers.start(first.id);
    const taken = {
      code: 'already_exists',
      reason: 'EADDRINUSE',
      message: expect.stringContaining('container first'),
    };
    await expect(engine.containers.start(second.id)).rejects.toMatchObject(taken);
    await expect(engine.pods.run({ name: 'pod', portMappings })).rejects.toMatchObject(taken);
    const elsewhere = {
      ...second.options,
      name: 'udp',
      portMappings: [{ hostPort, containerPort: 80, protocol: 'udp' as const }],
    };
    await engine.containers.start((await engine.containers.create(elsewhere)).id);
    await engine.containers.stop(first.id, { timeoutMs: 0 });
    await engine.containers.start(second.id);
    await until(() => answers(hostPort));
  });

  it('gives its address back when its command is missing', async () => {
    const call = engine.containers.run({ image: 'busybox', command: ['nope'], autoRemove: true });
    await expect(call).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND' });
    expect(leases()).toEqual([]);
    expect(house.leftovers()).toEqual([]);
  });

  it('cannot be on a network that is not there', async () => {
    const call = engine.containers.run({ image: 'busybox', network: 'other', autoRemove: true });
    await expect(call).rejects.toMatchObject({ code: 'not_found', reason: 'NETWORK_UNKNOWN' });
  });

  it('lets another share its network', async () => {
    const { id } = await engine.containers.create({ image: 'busybox', name: 'web', command: server });
    await engine.containers.start(id);
    const result = await engine.containers.run({
      image: 'busybox',
      network: 'container:web',
      command: [
        'sh',
        '-c',
        'for i in $(seq 50); do wget -q -O- http://127.0.0.1/ && exit 0; sleep 0.1; done; exit 1',
      ],
      autoRemove: true,
    });
    expect(result.exitCode).toBe(0);
  });
});

describe('a pod', () => {
  it('shares network, host name and memory between its containers', async () => {
    const hostPort = await freePort();
    const pod = await engine.pods.run({
      name: 'pod',
      hostname: 'pod-host',
      portMappings: [{ hostPort, containerPort: 80 }],
    });
    expect(pod).toMatchObject({ status: 'ready', containerIds: [] });
    const { id } = await engine.containers.create({
      image: 'busybox',
      pod: 'pod',
      name: 'web',
      command: server,
    });
    await engine.containers.start(id);
    await until(() => answers(hostPort));
    let out = '';
    const second = await engine.containers.run(
      {
        image: 'busybox',
        pod: 'pod',
        command: ['sh', '-c', 'wget -q -O- http://127.0.0.1/; hostname; grep -c pod-host /etc/hosts'],
        autoRemove: true,
      },
      {
        attach: {
          stdout: (chunk) => {
            out += Buffer.from(chunk).toString();
          },
        },
      },
    );
    expect(second.exitCode).toBe(0);
    expect(out).toBe('hello\npod-host\n1\n');
    await expect(engine.pods.remove('pod')).rejects.toMatchObject({ reason: 'POD_NOT_EMPTY' });
    expect(await engine.pods.stop('pod', { timeoutMs: 0 })).toMatchObject({ status: 'notready' });
    expect(await engine.pods.stop('pod')).toMatchObject({ status: 'notready' });
    expect(leases()).toEqual([]);
    expect((await engine.containers.inspect('web')).status).toBe('exited');
    await expect(engine.containers.start('web')).rejects.toMatchObject({ code: 'failed_precondition' });
    await engine.pods.remove('pod', { force: true });
    expect(await engine.containers.list({ all: true })).toEqual([]);
  });

  it('on the network of the host pins no network', async () => {
    const pod = await engine.pods.run({ network: 'host' });
    expect(pod.namespaces.net).toBeUndefined();
    const { id } = await engine.containers.create({
      image: 'busybox',
      pod: pod.id,
      command: ['sh', '-c', 'test -e /sys/class/net/lo && cat /proc/sys/kernel/hostname'],
    });
    await engine.containers.start(id);
    expect((await engine.containers.wait(id)).exitCode).toBe(0);
  });

  it('that cannot be connected leaves nothing', async () => {
    const port = await freePort();
    const mappings = [{ hostPort: port, containerPort: 80 }];
    await expect(
      engine.pods.run({ name: 'bad', network: 'nowhere', portMappings: mappings }),
    ).rejects.toMatchObject({
      reason: 'NETWORK_UNKNOWN',
    });
    await expect(engine.pods.run({ name: 'bad', sysctls: { 'net.no.such.thing': '1' } })).rejects.toThrow();
    expect(await engine.pods.exists('bad')).toBe(false);
    expect(house.leftovers()).toEqual([]);
  });

  it('says which parameter of the machine it would change', async () => {
    const namespaces = { ipc: 'host', uts: 'host' } as const;
    const alone = engine.pods.run({ network: 'host', namespaces, sysctls: { 'kernel.shmmax': '1' } });
    await expect(alone).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('kernel.shmmax'),
    });
    const without = engine.pods.run({ network: 'host', sysctls: { 'net.ipv4.ip_forward': '1' } });
    await expect(without).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('net.ipv4.ip_forward'),
    });
    expect(await engine.pods.list()).toEqual([]);
  });

  it.each([
    ['brisk_lighter', 'brisk-lighter'],
    ['a._.b__', 'a.-.b'],
    [`${'x'.repeat(62)}_y`, 'x'.repeat(62)],
  ])('named %s has the host name %s', async (name, hostname) => {
    expect((await engine.pods.run({ name, network: 'none' })).hostname).toBe(hostname);
  });

  it('lets one of two that ask at once have its name', async () => {
    const results = await Promise.allSettled([1, 2].map(() => engine.pods.run({ name: 'twin' })));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('addresses of what nobody knows of any more', () => {
  it('are free again, but not while somebody attaches something, and not those of others', async () => {
    const { id: lost } = await engine.pods.run({ name: 'lost' });
    const { id: kept } = await engine.pods.run({ name: 'kept' });
    const { id: container } = await engine.containers.create({ image: 'busybox' });
    await engine.containers.start(container);
    const { signal } = new AbortController();
    const record = join(house.root, 'graph/lading/pods', `${lost}.json`);
    renameSync(record, join(house.root, 'record'));
    try {
      const lock = await lockFile(join(house.root, 'run/lading/locks/networks.lock'), { mode: 'shared' });
      await engine.collectNetworkGarbage({ signal });
      lock.release();
      expect(leases()).toHaveLength(3);
      // As after a boot, with nothing in the folder of runs.
      const later = await house.engine({ runDir: join(house.root, 'later') });
      await later.collectNetworkGarbage({ signal });
      expect(owners()).toEqual([kept, container].toSorted());
    } finally {
      renameSync(join(house.root, 'record'), record);
    }
  });
});

/** Ids of those that have the addresses. */
function owners(): string[] {
  const folder = join(house.root, 'ipam/ladingtest');
  return leases()
    .map((name) => readFileSync(join(folder, name), 'utf8').split('\r\n')[0] ?? '')
    .toSorted();
}
