// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { bridgeSettings } from './bridge-settings.ts';

const range = { subnet: '10.1.2.0/24' };
const plain = {
  type: 'bridge',
  name: 'net',
  cniVersion: '1.0.0',
  bridge: 'br0',
  ipam: { type: 'host-local', ranges: [[range]] },
};

describe('a plain configuration of a bridge', () => {
  it('is read with what the plugins take by default', () => {
    expect(bridgeSettings({ ...plain, bridge: undefined })).toEqual({
      bridge: 'cni0',
      isGateway: false,
      ipMasq: false,
      hairpinMode: false,
      mtu: undefined,
      leases: {
        dataDir: '/var/lib/cni/networks',
        first: 0x0a010201,
        last: 0x0a0102fe,
        gateway: 0x0a010201,
        bits: 24,
      },
      routes: [],
      dns: {},
    });
  });

  it('is read in full', () => {
    const ipam = {
      type: 'host-local',
      dataDir: '/leases',
      subnet: '192.168.255.128/25',
      rangeStart: '192.168.255.200',
      rangeEnd: '192.168.255.210',
      gateway: '192.168.255.129',
      routes: [{ dst: '10.0.0.0/8', gw: '192.168.255.130' }, { dst: '172.16.0.0/12' }],
    };
    const flags = { isDefaultGateway: true, ipMasq: true, hairpinMode: true, mtu: 1400, vlan: 0 };
    expect(bridgeSettings({ ...plain, ...flags, promiscMode: false, dns: { domain: 'a' }, ipam })).toEqual({
      bridge: 'br0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      mtu: 1400,
      leases: {
        dataDir: '/leases',
        first: 0xc0a8ffc8,
        last: 0xc0a8ffd2,
        gateway: 0xc0a8ff81,
        bits: 25,
      },
      routes: [...ipam.routes, { dst: '0.0.0.0/0' }],
      dns: { domain: 'a' },
    });
  });
});

const ipam = (more: object): object => ({ ipam: { ...plain.ipam, ...more } });

describe('what takes the program', () => {
  it.each<[string, object]>([
    ['an unknown key', { macspoofchk: true }],
    ['a VLAN', { vlan: 5 }],
    ['promiscuous mode', { promiscMode: true }],
    ['a forced address', { forceAddress: true }],
    ['a name that no interface can have', { bridge: '../../etc' }],
    ['a name that is too long', { bridge: 'b'.repeat(16) }],
    ['a flag that is none', { isGateway: 'true' }],
    ['an MTU that is none', { mtu: '1400' }],
    ['no addresses', { ipam: {} }],
    ['another plugin for addresses', { ipam: { type: 'dhcp' } }],
    ['an unknown key for addresses', ipam({ resolvConf: '/etc/resolv.conf' })],
    ['a folder that depends on where one is', ipam({ dataDir: 'leases' })],
    ['IPv6', ipam({ ranges: [[{ subnet: 'fd00::/64' }]] })],
    ['two sets of ranges', ipam({ ranges: [[range], [{ subnet: 'fd00::/64' }]] })],
    ['two ranges', ipam({ ranges: [[range, { subnet: '10.1.3.0/24' }]] })],
    ['two ways to say the range', ipam({ subnet: '10.1.4.0/24' })],
    ['no range', ipam({ ranges: [] })],
    ['a range of nothing', ipam({ ranges: [[]] })],
    ['a range that is none', ipam({ ranges: [['10.1.2.0/24']] })],
    ['a subnet of hosts', ipam({ ranges: [[{ subnet: '10.1.2.3/24' }]] })],
    ['a subnet that is too small', ipam({ ranges: [[{ subnet: '10.1.2.0/31' }]] })],
    ['a subnet that is none', ipam({ ranges: [[{ subnet: '10.1.2.0/33' }]] })],
    ['a gateway outside', ipam({ ranges: [[{ ...range, gateway: '10.1.3.1' }]] })],
    ['a start outside', ipam({ ranges: [[{ ...range, rangeStart: '10.1.1.255' }]] })],
    [
      'an end before the start',
      ipam({ ranges: [[{ ...range, rangeStart: '10.1.2.9', rangeEnd: '10.1.2.8' }]] }),
    ],
    ['the address of the network', ipam({ ranges: [[{ ...range, rangeStart: '10.1.2.0' }]] })],
    ['an address with leading zeros', ipam({ ranges: [[{ ...range, rangeStart: '10.1.2.010' }]] })],
    ['a route of IPv6', ipam({ routes: [{ dst: '::/0' }] })],
    ['a route with more to it', ipam({ routes: [{ dst: '0.0.0.0/0', mtu: 1400 }] })],
    ['a route through nothing', ipam({ routes: [{ dst: '0.0.0.0/0', gw: 'here' }] })],
    ['routes that are none', ipam({ routes: {} })],
  ])('%s', (_, more) => {
    expect(bridgeSettings(plain)).toBeDefined();
    expect(bridgeSettings({ ...plain, ...more })).toBeUndefined();
  });
});
