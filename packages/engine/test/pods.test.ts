// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
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
