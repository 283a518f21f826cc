// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mount, unmount } from '@lading/linux';
import { openStore, type Store } from '@lading/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerOptions, Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers } from './support.ts';

let house: House;
let store: Store;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse({ subnet: '10.86.43.0/24' });
  const ids = join(house.root, 'subids');
  writeFileSync(ids, 'containers:500000:10000\n');
  store = await openStore({
    graphRoot: join(house.root, 'graph'),
    runRoot: join(house.root, 'run'),
    autoIds: { subUidPath: ids, subGidPath: ids, minSize: 100 },
  });
  engine = await house.engine({ store });
});
afterAll(async () => {
  await store?.close();
  await house?.close();
});
afterEach(async () => {
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
});

const map = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
const idMaps = { uidMap: map, gidMap: map };

type RunOptions = Omit<Partial<ContainerOptions>, 'idMaps'> & {
  idMaps?: ContainerOptions['idMaps'] | undefined;
};

/** Runs a shell line; gives what it wrote. */
async function run(line: string, more: RunOptions = {}): Promise<string> {
  const { idMaps: own, ...options } = { idMaps, ...more };
  let [out, err] = ['', ''];
  const result = await engine.containers.run(
    {
      image: 'busybox',
      command: ['sh', '-c', line],
      network: 'none',
      ...options,
      ...(own && { idMaps: own }),
    },
    {
      attach: {
        stdout: (chunk) => {
          out += Buffer.from(chunk).toString();
        },
        stderr: (chunk) => {
          err += Buffer.from(chunk).toString();
        },
      },
    },
  );
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}: ${err}`);
  return out;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

describe('a container with ids of its own', () => {
  it('is root inside, and another user outside, in its process and on the disk', async () => {
    const out = await run(
      'cat /proc/self/uid_map /proc/self/gid_map; id -u; ls -ln /bin/busybox; echo hello > /srv/new; ls -ln /srv/new',
      { name: 'mapped' },
    );
    const lines = out.trim().split('\n').map(words);
    expect(lines.slice(0, 3)).toEqual([['0', '100000', '65536'], ['0', '100000', '65536'], ['0']]);
    expect(lines.slice(3).map((line) => line.slice(2, 4))).toEqual([
      ['0', '0'],
      ['0', '0'],
    ]);
    const mounted = await store.containers.mount('mapped');
    const { uid, gid } = statSync(join(mounted, 'srv/new'));
    expect({ uid, gid }).toEqual({ uid: 100_000, gid: 100_000 });
    await store.containers.unmount('mapped');
    expect((await engine.containers.inspect('mapped')).idMaps).toEqual(idMaps);
  });

  it('has the users of the image at their places', async () => {
    const out = await run('id -u; echo hello > /scratch/mine; ls -ln /scratch/mine', {
      name: 'web',
      user: 'web',
      mounts: [{ type: 'tmpfs', target: '/scratch' }],
    });
    const [id, line] = out.trim().split('\n');
    expect([id, words(line ?? '').slice(2, 4)]).toEqual(['33', ['33', '34']]);
  });

  it('is started again, and entered by another program', async () => {
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['sleep', '600'],
      network: 'none',
      idMaps,
    });
    for (const _ of ['first', 'again']) {
      await engine.containers.start(id);
      const result = await engine.containers.execSync(id, { command: ['cat', '/proc/self/uid_map'] });
      expect(words(Buffer.from(result.stdout).toString())).toEqual(['0', '100000', '65536']);
      const { pid } = await engine.containers.inspect(id);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t100000\t/m);
      await engine.containers.stop(id, { timeoutMs: 0 });
    }
  });

  it.each([
    ['none', /lo/],
    ['default', /10\.86\.43\.\d+/],
    ['host', /lo/],
  ])('has the network %s, and a /sys to look at', async (network, expected) => {
    const out = await run('ip addr; ls /sys/class/net >/dev/null && cat /etc/hosts', { network });
    expect(out).toMatch(expected);
    if (network === 'default') expect(out.split('10.86.43.').length).toBeGreaterThan(2);
  });

  it.each([
    ['pid', 'ls /proc/1 >/dev/null && echo seen'],
    ['ipc', 'test ! -e /dev/mqueue || ls /dev/mqueue && echo seen'],
    ['uts', 'hostname >/dev/null && echo seen'],
  ] as const)('shares the %s namespace of the host', async (kind, line) => {
    expect(await run(line, { namespaces: { [kind]: 'host' } })).toBe('seen\n');
  });

  it('has the memory of the host although something is mounted below it', async () => {
    const below = mkdtempSync('/dev/shm/lading-below-');
    mount({ source: 'below', target: below, type: 'tmpfs' });
    try {
      writeFileSync(join(below, 'file'), '');
      expect(await run(`ls ${below}`, { namespaces: { ipc: 'host' } })).toBe('file\n');
    } finally {
      unmount(below, { lazy: true });
      rmdirSync(below);
    }
  });

  it('may write to the files that are made for it', async () => {
    expect(await run('echo 192.0.2.1 other >> /etc/hosts && grep -c other /etc/hosts')).toBe('1\n');
  });

  it('has a terminal also where its ids have no group of terminals', async () => {
    const few = [{ containerId: 0, hostId: 300_000, size: 2 }];
    const out = await run('cat /proc/self/gid_map; ls /dev/pts', {
      idMaps: { uidMap: few, gidMap: few },
      image: 'busybox',
    });
    expect(words(out).slice(0, 3)).toEqual(['0', '300000', '2']);
  });
});

describe('a container whose ids are chosen', () => {
  it('has as many as it asks for, and none of another one', async () => {
    const auto = (size: number): Partial<ContainerOptions> => ({ idMaps: { auto: { size } } });
    const first = words(await run('cat /proc/self/uid_map', auto(200)));
    const second = words(await run('cat /proc/self/uid_map', auto(300)));
    expect([first, second]).toEqual([
      ['0', '500000', '200'],
      ['0', '500200', '300'],
    ]);
  });

  it('is not made when there are not enough', async () => {
    await expect(run('true', { idMaps: { auto: { size: 20_000 } } })).rejects.toMatchObject({
      reason: 'NO_IDS',
    });
  });
});

describe('a pod whose ids are chosen', () => {
  it('has the same ones until it is removed, and nobody else has them', async () => {
    const pod = { network: 'none', autoIdMaps: { size: 400 } };
    const { id, options } = await engine.pods.run({ ...pod, name: 'first' });
    expect(options.idMaps?.uidMap).toEqual([{ containerId: 0, hostId: 500_000, size: 400 }]);
    await engine.pods.stop(id);
    const auto: Partial<ContainerOptions> = { idMaps: { auto: { size: 100 } } };
    expect(words(await run('cat /proc/self/uid_map', auto))[1]).toBe('500400');
    // What starts later sees no orphan in it.
    await (await house.engine({ store })).close();
    await engine.pods.start(id);
    const inside = await run('cat /proc/self/uid_map', { idMaps: undefined, pod: id });
    expect(words(inside)).toEqual(['0', '500000', '400']);
    await engine.pods.remove(id, { force: true });
    expect(await store.containers.find(id)).toBeUndefined();
  });

  it('has none left when it cannot be made', async () => {
    const pod = { network: 'none', autoIdMaps: { size: 400 } };
    await expect(engine.pods.run({ ...pod, idMaps })).rejects.toMatchObject({ reason: 'ID_MAP' });
    await expect(engine.pods.run({ ...pod, network: 'nosuch' })).rejects.toMatchObject({ code: 'not_found' });
    const mounts = [{ type: 'bind' as const, source: '/nosuch', target: '/x', options: ['frob=1'] }];
    const broken = {
      ...pod,
      hostname: 'a',
      sysctls: { 'kernel.nosuch': '1' },
      containerDefaults: { mounts },
    };
    await expect(engine.pods.run(broken)).rejects.toThrow();
    expect((await store.containers.list()).length).toBe(0);
  });
});

describe('a container in the user namespace of another', () => {
  const first = async (options: Partial<ContainerOptions>): Promise<void> => {
    const request = { image: 'busybox', name: 'first', command: ['sleep', '600'], network: 'none' };
    await engine.containers.create({ ...request, ...options });
    await engine.containers.start('first');
  };
  const shared = { namespaces: { user: 'container:first' as const }, name: 'second' };

  it('has its ids, also on the disk, and a network of its own', async () => {
    await first({ idMaps: { auto: { size: 100 } } });
    const out = await run('cat /proc/self/uid_map; ip addr; echo x > /srv/new', {
      idMaps: undefined,
      network: 'default',
      ...shared,
    });
    expect(words(out).slice(0, 3)).toEqual(['0', '500000', '100']);
    expect(out).toMatch(/10\.86\.43\.\d+/);
    expect(statSync(join(await store.containers.mount('second'), 'srv/new')).uid).toBe(500_000);
    await store.containers.unmount('second');
  });

  it('has the ids of the host with one that has these', async () => {
    await first({});
    expect(words(await run('cat /proc/self/uid_map', { idMaps: undefined, ...shared }))[1]).toBe('0');
    expect((await engine.containers.inspect('second')).idMaps).toBeUndefined();
  });

  it('has no ids of its own beside, and does not start without the other', async () => {
    await expect(run('true', shared)).rejects.toMatchObject({ reason: 'ID_MAP' });
    await expect(run('true', { idMaps: undefined, ...shared })).rejects.toMatchObject({
      reason: 'CONTAINER_UNKNOWN',
    });
    await first({ idMaps });
    await engine.containers.stop('first', { timeoutMs: 0 });
    await expect(run('true', { idMaps: undefined, ...shared })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/first does not run; its user namespace cannot be joined/),
    });
  });
});

it('refuses ids in a pod', async () => {
  const pod = await engine.pods.run({ name: 'pod', network: 'none' });
  try {
    await expect(engine.containers.create({ image: 'busybox', pod: pod.id, idMaps })).rejects.toMatchObject({
      reason: 'ID_MAP',
    });
  } finally {
    await engine.pods.remove(pod.id, { force: true });
  }
});
