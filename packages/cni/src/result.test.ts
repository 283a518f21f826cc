// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { toNewestResult } from './result.ts';

describe('a result in the form of 1.1', () => {
  it('is made of one of 0.2', () => {
    const old = {
      cniVersion: '0.2.0',
      ip4: { ip: '10.1.0.2/24', gateway: '10.1.0.1', routes: [{ dst: '0.0.0.0/0' }] },
      ip6: { ip: 'fd00::2/64' },
      dns: { nameservers: ['10.1.0.1'], search: null },
    };
    expect(toNewestResult(old)).toEqual({
      cniVersion: '1.1.0',
      interfaces: [],
      ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }, { address: 'fd00::2/64' }],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: { nameservers: ['10.1.0.1'] },
    });
  });

  it('is made of one of 0.3 to 1.0', () => {
    const result = {
      interfaces: [
        { name: 'br0', mac: 'x' },
        { name: 'eth0', sandbox: '/run/netns/x', mtu: 1500 },
      ],
      ips: [{ version: '4', address: '10.1.0.2/24', interface: 1 }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }],
    };
    expect(toNewestResult(result)).toEqual({
      cniVersion: '1.1.0',
      interfaces: result.interfaces,
      ips: [{ address: '10.1.0.2/24', interface: 1 }],
      routes: result.routes,
      dns: {},
    });
  });

  it.each(['', '10.1.0.2', '10.1.0.2/24\n1.2.3.4 evil', 'x/24', 7, null])(
    'does not take %j for an address',
    (address) => {
      expect(() => toNewestResult({ ips: [{ address }] })).toThrow(
        expect.objectContaining({ code: Code.Internal, reason: 'CNI_RESULT' }),
      );
    },
  );

  it('passes over members of other types', () => {
    expect(toNewestResult({ interfaces: 'x', ips: [7], routes: { dst: 'x' }, dns: [] })).toEqual({
      cniVersion: '1.1.0',
      interfaces: [],
      ips: [],
      routes: [],
      dns: {},
    });
  });
});
