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
    expect(toNewestResult(old, 'net')).toEqual({
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
    expect(toNewestResult(result, 'net')).toEqual({
      cniVersion: '1.1.0',
      interfaces: result.interfaces,
      ips: [{ address: '10.1.0.2/24', interface: 1 }],
      routes: result.routes,
      dns: {},
    });
  });

  it.each([
    '',
    '10.1.0.2',
    '10.1.0.2/24\n1.2.3.4 evil',
    'x/24',
    '999.1.1.1/24',
    '10.1.0.2/33',
    'fd00::2/129',
    7,
    null,
  ])('does not take %j for an address', (address) => {
    expect(() => toNewestResult({ ips: [{ address }] }, 'net')).toThrow(
      expect.objectContaining({ code: Code.Internal, reason: 'CNI_RESULT' }),
    );
  });

  it.each([
    ['a gateway that is none', { ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1\n1.2.3.4 evil' }] }],
    ['a name server on two lines', { dns: { nameservers: ['10.1.0.1\nnameserver 6.6.6.6'] } }],
    ['an option with a space', { dns: { options: ['ndots:5 debug'] } }],
  ])('does not take %s', (_what, result) => {
    expect(() => toNewestResult(result, 'net')).toThrow(
      expect.objectContaining({
        reason: 'CNI_RESULT',
        message: expect.stringContaining('the network net gave'),
      }),
    );
  });

  it('passes over members of other types', () => {
    expect(toNewestResult({ interfaces: 'x', ips: [7], routes: { dst: 'x' }, dns: [] }, 'net')).toEqual({
      cniVersion: '1.1.0',
      interfaces: [],
      ips: [],
      routes: [],
      dns: {},
    });
  });
});
