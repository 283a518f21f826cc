// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { openInterfaces, pinNetworkNamespace, unpinNamespace } from '@lading/linux';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
let here: string;
let there: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-netlink-'));
  [here, there] = [join(folder, 'here'), join(folder, 'there')];
  for (const path of [here, there]) pinNetworkNamespace(path);
});
afterAll(async () => {
  for (const path of [here, there]) unpinNamespace(path);
  await rm(folder, { recursive: true });
});

/** What iproute2 says in a namespace. */
function ip(netns: string, ...args: string[]): unknown {
  return JSON.parse(
    execFileSync('nsenter', [`--net=${netns}`, 'ip', '-d', '-j', ...args], { encoding: 'utf8' }),
  );
}

it('makes a bridge, a pair of interfaces on it, addresses and routes', async () => {
  using outside = openInterfaces(here);
  using inside = openInterfaces(there);
  await outside.addBridge('br', 1400);
  const bridge = await outside.find('br');
  expect(bridge).toMatchObject({ name: 'br', kind: 'bridge', mtu: 1400, isRunning: false });
  const index = bridge?.index ?? 0;
  await outside.setUp(index);
  const netnsFd = openSync(there, 'r');
  try {
    const request = { name: 'v0', mtu: 1300, master: index, peer: { name: 'eth0', netnsFd } };
    await outside.addVeth(request);
    await expect(outside.addVeth(request)).rejects.toMatchObject({ reason: 'EEXIST' });
  } finally {
    closeSync(netnsFd);
  }
  const eth = await inside.find('eth0');
  expect(eth).toMatchObject({ kind: 'veth', mtu: 1300 });
  await inside.addAddress(eth?.index ?? 0, '10.1.2.3/20');
  await inside.setUp(eth?.index ?? 0);
  await inside.addRoute(eth?.index ?? 0, '0.0.0.0/0', '10.1.0.1');
  await inside.addRoute(eth?.index ?? 0, '10.9.0.0/16');
  await outside.addAddress(index, '10.1.0.1/20');
  await outside.setMac(index, '0a:58:0a:01:00:01');
  await outside.setHairpin((await outside.find('v0'))?.index ?? 0, true);

  expect(await outside.addresses(index)).toEqual(['10.1.0.1/20']);
  expect(await inside.addresses(eth?.index ?? 0)).toEqual(['10.1.2.3/20']);
  expect(ip(here, 'link', 'show', 'br')).toMatchObject([{ address: '0a:58:0a:01:00:01', operstate: 'UP' }]);
  expect(ip(here, 'link', 'show', 'v0')).toMatchObject([
    { master: 'br', mtu: 1300, linkinfo: { info_slave_kind: 'bridge', info_slave_data: { hairpin: true } } },
  ]);
  expect(ip(there, 'addr', 'show', 'eth0')).toMatchObject([
    { address: eth?.mac, addr_info: [{ local: '10.1.2.3', prefixlen: 20, broadcast: '10.1.15.255' }, {}] },
  ]);
  expect(ip(there, 'route')).toMatchObject([
    { dst: 'default', gateway: '10.1.0.1', dev: 'eth0' },
    { dst: '10.1.0.0/20', prefsrc: '10.1.2.3' },
    { dst: '10.9.0.0/16', dev: 'eth0', scope: 'link' },
  ]);

  await inside.remove(eth?.index ?? 0);
  expect([await inside.find('eth0'), await outside.find('v0')]).toEqual([undefined, undefined]);
});

it('says what cannot be', async () => {
  using interfaces = openInterfaces(here);
  await expect(interfaces.remove(9999)).rejects.toMatchObject({ reason: 'ENODEV' });
  const long = randomBytes(20).toString('hex');
  await expect(interfaces.addBridge(long)).rejects.toMatchObject({ message: expect.stringContaining(long) });
  await expect(interfaces.addAddress(1, '10.1.2.3')).rejects.toMatchObject({ code: Code.InvalidArgument });
  await expect(interfaces.addAddress(1, '1.2.3.4/33')).rejects.toMatchObject({ code: Code.InvalidArgument });
  await expect(interfaces.addRoute(1, 'fe80::/64')).rejects.toMatchObject({ code: Code.InvalidArgument });
  await expect(interfaces.addRoute(1, '10.5.0.0/16', '10.200.0.1')).rejects.toMatchObject({
    reason: 'ENETUNREACH',
  });
});

it('lists the addresses of many interfaces', async () => {
  using interfaces = openInterfaces(here);
  const count = 300;
  for (let i = 0; i < count; i++) {
    await interfaces.addBridge(`b${i}`);
    await interfaces.addAddress(
      (await interfaces.find(`b${i}`))?.index ?? 0,
      `10.77.${i >> 8}.${i & 255}/32`,
    );
  }
  const last = await interfaces.find(`b${count - 1}`);
  expect(await interfaces.addresses(last?.index ?? 0)).toEqual(['10.77.1.43/32']);
});
