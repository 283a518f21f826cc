// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { globSync, readFileSync, readlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse({ subnet: '10.86.83.0/24' });
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  for (const { id } of await engine.pods.list()) await engine.pods.remove(id, { force: true, timeoutMs: 0 });
  await until(() => house.leftovers().length === 0);
});

describe('a pod that is started again', () => {
  it('has namespaces, an address and shared files anew, and its containers run in them', async () => {
    const first = await engine.pods.run({ name: 'group', namespaces: { pid: 'pod' } });
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['sleep', '600'],
      pod: 'group',
    });
    await engine.containers.start(id);
    await engine.pods.stop('group', { timeoutMs: 0 });
    await expect(engine.containers.start(id)).rejects.toMatchObject({ code: 'failed_precondition' });

    const again = await engine.pods.start('group');
    expect(again).toMatchObject({ id: first.id, status: 'ready', createdAt: first.createdAt });
    expect(again.stoppedAt).toBeUndefined();
    const { pid } = await engine.containers.start(id);
    const spaceOf = (kind: string): string => readlinkSync(`/proc/${pid}/ns/${kind}`);
    expect(spaceOf('pid')).toBe(readlinkSync(`/proc/${again.infra?.pid}/ns/pid`));
    expect(spaceOf('net')).not.toBe(readlinkSync('/proc/self/ns/net'));
    const [address = ''] = again.networks.flatMap(({ ips }) => ips.map((ip) => ip.address.split('/')[0]));
    expect(address).toMatch(/^10\.86\.83\./);
    expect(readFileSync(again.files.hosts, 'utf8')).toContain(address);
    const { stdout } = await engine.containers.execSync(id, { command: ['hostname'] });
    expect(Buffer.from(stdout).toString()).toBe('group\n');
  });

  it('is left alone when it runs', async () => {
    const { id, readyAt } = await engine.pods.run({ name: 'group', network: 'none' });
    expect(await engine.pods.start(id)).toMatchObject({ readyAt, status: 'ready' });
  });

  it('stays stopped, and holds nothing, when its port was taken meanwhile', async () => {
    const taken = createServer().listen(0, '0.0.0.0');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    taken.close();
    await once(taken, 'close');
    const { id } = await engine.pods.run({
      name: 'group',
      portMappings: [{ containerPort: 80, hostPort: port }],
    });
    await engine.pods.stop(id);
    const other = createServer().listen(port, '0.0.0.0');
    await once(other, 'listening');
    await expect(engine.pods.start(id)).rejects.toThrow(String(port));
    const left = await engine.pods.inspect(id);
    expect([left.status, left.stoppedAt]).toEqual(['notready', expect.any(String)]);
    expect(house.leftovers()).toEqual([]);
    other.close();
    await once(other, 'close');
    expect((await engine.pods.start(id)).status).toBe('ready');
  });
});

describe('a pod', () => {
  const sleeper = async (name: string, pod: string): Promise<string> => {
    const options = { image: 'busybox', name, pod, command: ['sleep', '600'] };
    const { id } = await engine.containers.create(options);
    await engine.containers.start(id);
    return id;
  };

  it('is stopped by its exit policy when the last of its containers has ended', async () => {
    await engine.pods.run({ name: 'group', network: 'none', exitPolicy: 'stop' });
    await sleeper('one', 'group');
    await sleeper('two', 'group');
    await engine.containers.stop('one', { timeoutMs: 0 });
    expect((await engine.pods.inspect('group')).status).toBe('ready');
    await engine.containers.stop('two', { timeoutMs: 0 });
    const stopped = await engine.pods.inspect('group');
    expect([stopped.status, stopped.stoppedAt]).toEqual(['notready', expect.any(String)]);
    expect((await engine.pods.start('group')).status).toBe('ready');
    await engine.containers.run({ image: 'busybox', pod: 'group', command: ['true'], autoRemove: true });
    expect((await engine.pods.inspect('group')).status).toBe('notready');
  });

  it('has a control group with limits above those of its containers, and takes it away', async () => {
    const resources = { memoryBytes: 64 * 1024 * 1024 };
    const { id, cgroupPath = '' } = await engine.pods.run({ name: 'group', network: 'none', resources });
    const container = await sleeper('one', 'group');
    const files = globSync(`/sys/fs/cgroup/{memory,}${cgroupPath}/memory.{limit_in_bytes,max}`);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(['67108864\n']);
    const { pid } = await engine.containers.inspect(container);
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`${cgroupPath}/lading-${container}\n`);
    await engine.pods.remove(id, { force: true });
    expect(globSync(`/sys/fs/cgroup/**/*${id}*`)).toEqual([]);
  });

  it('lends its containers mounts where they have none, and removes a volume of its own with it', async () => {
    const mounts = [
      { type: 'volume', target: '/data' },
      { type: 'tmpfs', target: '/mem' },
    ] as const;
    await engine.pods.run({ name: 'group', network: 'none', containerDefaults: { mounts } });
    const options = { image: 'busybox', pod: 'group', autoRemove: true };
    const write = ['sh', '-c', 'echo kept >/data/file; grep -c " /mem tmpfs" /proc/mounts'];
    expect((await engine.containers.run({ ...options, command: write })).exitCode).toBe(0);
    const read = { ...options, command: ['cat', '/data/file'] };
    expect((await engine.containers.run(read)).exitCode).toBe(0);
    const own = [{ type: 'tmpfs', target: '/data/' }] as const;
    expect((await engine.containers.run({ ...read, mounts: own })).exitCode).toBe(1);
    expect(await engine.volumes.list()).toHaveLength(1);
    await engine.pods.remove('group');
    expect(await engine.volumes.list()).toEqual([]);
  });

  it('is found on a named network by its name and its aliases, and finds others', async () => {
    const [network = ''] = (await engine.pods.run({ name: 'usual' })).networks.map((one) => one.network);
    const named = await engine.pods.run({ name: 'named', networks: [{ name: network, aliases: ['db'] }] });
    const other = await engine.pods.run({ name: 'other', networks: [{ name: network }] });
    const address = named.networks[0]?.ips[0]?.address.split('/')[0] ?? 'none';
    expect(readFileSync(other.files.hosts, 'utf8')).toContain(
      `${address}\tnamed db ${named.id.slice(0, 12)}`,
    );
    expect(readFileSync(named.files.hosts, 'utf8')).toContain('\tother ');
    await engine.pods.remove('named');
    expect(readFileSync(other.files.hosts, 'utf8')).not.toContain('named');
  });

  it('is refused a file for the monitor of a process that it does not have', async () => {
    const options = { name: 'group', network: 'none', monitorPidFile: `${house.root}/pid` };
    await expect(engine.pods.run(options)).rejects.toMatchObject({ code: 'invalid_argument' });
    const { infra } = await engine.pods.run({ ...options, namespaces: { pid: 'pod' } });
    expect(readFileSync(options.monitorPidFile, 'utf8').trim()).toBe(String(infra?.monitorPid));
  });
});
